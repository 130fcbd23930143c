"""What can go wrong, told apart by what the caller can do about it.

    PepsStacError            catches everything below and nothing else
    ├── RequestError         makes no sense as asked: change the arguments
    ├── AuthenticationError  the service refused the account: check the credentials
    ├── ServiceError         the service is unreachable or failing: try again later
    ├── ResponseError        an answer or a file this package cannot read: report it
    ├── DownloadError        the bytes are not the file announced: download again
    └── CatalogError         the catalog on disk cannot be read or written: free space, repair it

A message is one line that gives the value at fault, where it came from and what to do.
A MAJA job that failed is a fact to record, not an exception.
"""


class PepsStacError(Exception):
    """Base of every error this package raises on purpose."""


class RequestError(PepsStacError):
    """What was asked for makes no sense, so nothing was sent: change the arguments."""


class AuthenticationError(PepsStacError):
    """The service refused the account: check the credentials."""


class ServiceError(PepsStacError):
    """The service is unreachable or failing: try again later."""

    def __init__(
        self, message: str, *, arrived: bool = True, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.arrived = arrived
        """False when the request provably never reached the service (connection refused, name
        not resolved), so that it may be sent again without doing anything twice."""
        self.retry_after_s = retry_after_s
        """Seconds the service asked to wait; None when it did not say."""


class ResponseError(PepsStacError):
    """An answer or a file that this package cannot read: report it."""


class DownloadError(PepsStacError):
    """The bytes that came are not the file that was announced: download again."""


class CatalogError(PepsStacError):
    """The catalog on disk cannot be read or written: free space, or repair it."""
