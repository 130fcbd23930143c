"""A real S3 server on loopback, and buckets in it."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import fsspec
from moto.server import ThreadedMotoServer


@contextmanager
def an_s3_server() -> Iterator[str]:
    """Its address; meanwhile the variables that fsspec, boto and GDAL look at lead to it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    before = dict(os.environ)
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_S3_ENDPOINT": f"{host}:{port}",
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
    }
    fsspec.filesystem("s3").clear_instance_cache()
    try:
        yield f"http://{host}:{port}"
    finally:
        os.environ.clear()
        os.environ |= before
        fsspec.filesystem("s3").clear_instance_cache()
        server.stop()


def a_bucket() -> str:
    """Name of a fresh one."""
    name = f"bucket-{uuid4().hex}"
    fsspec.filesystem("s3").mkdir(name)
    return name
