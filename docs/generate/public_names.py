"""Where the documentation finds the public names of the package.

`peps_stac.watch` is a function, and `peps_stac.workflow.watch` both this function and the module it
stands in. Python takes the function, which was imported last; who only reads the code takes the
module. This tells the reader of the docstrings what Python does.
"""

import griffe


class PublicNames(griffe.Extension):
    """Leads each name that the package offers past a module of the same name."""

    def on_package(self, *, pkg: griffe.Module, loader: griffe.GriffeLoader, **_: object) -> None:  # noqa: ARG002 -- griffe's signature
        """Correct the names of the package itself, once everything is read."""
        for name, member in list(pkg.members.items()):
            if isinstance(member, griffe.Alias) and member.target_path.startswith(f"{pkg.path}."):
                room = pkg.modules_collection[member.target_path.rpartition(".")[0]]
                if name in room.imports:
                    pkg.set_member(name, griffe.Alias(name, room.imports[name], parent=pkg))
