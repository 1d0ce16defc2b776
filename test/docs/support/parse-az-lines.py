"""Has the Azure CLI itself parse command lines, without running any and without the network.

Reads JSON from standard input: "lines", a list of lists of words (without "az"), and "names", a list of names of commands or
groups. Prints, in the same form, null for each that the CLI takes, or what it says against it; "unable: …" if it lacks a
part to say so. Its own parser decides: commands, options, required ones, values that can be chosen.
"""
import contextlib
import importlib
import importlib.abc
import importlib.util
import io
import json
import logging
import os
import pkgutil
import re
import sys
import tempfile

holder = tempfile.TemporaryDirectory()
folder = holder.name
os.environ.update(
    AZURE_CONFIG_DIR=folder,
    AZURE_EXTENSION_DIR=os.path.join(folder, "extensions"),
    AZURE_CORE_COLLECT_TELEMETRY="no",
    AZURE_CORE_ERROR_RECOMMENDATION="off",
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL="no",
    AZURE_CORE_NO_COLOR="yes",
)


class NewestVersion(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Debian's azure-cli asks for API versions of Azure's modules that Debian's modules do not have, and then knows no
    command of `az vm`. Of such a module only the signatures count here: the newest version that is there has them."""

    versioned = re.compile(r"^(azure\.mgmt\.\w+)\.(v\d{4}_\d\d_\d\d\w*)$")

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if self.versioned.match(name) else None

    def create_module(self, spec):
        package = importlib.import_module(self.versioned.match(spec.name).group(1))
        there = [one.name for one in pkgutil.iter_modules(package.__path__) if re.match(r"v\d{4}_\d\d_\d\d$", one.name)]
        return importlib.import_module("{}.{}".format(package.__name__, max(there)))

    def exec_module(self, module):
        pass


# Last: what is there is taken as it is.
sys.meta_path.append(NewestVersion())

from azure.cli.core import get_default_cli  # noqa: E402
from knack.events import EVENT_INVOKER_POST_PARSE_ARGS  # noqa: E402


class Parsed(BaseException):
    """Ends an invocation once its words are parsed, before anything is done. Nothing in the CLI catches it."""


class Unable(BaseException):
    """A part of the CLI is not installed."""


def stop(_cli, **_kwargs):
    raise Parsed()


def tell(error):
    if isinstance(error, ImportError):
        raise Unable(str(error))
    return own_handler(error)


cli = get_default_cli()
own_handler = cli.exception_handler
cli.exception_handler = tell
# The CLI's own handlers of this event came before, so that they have looked at --ids and --subscription already.
cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)


def complaint(words):
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setLevel(logging.ERROR)
    logger = logging.getLogger("cli")
    logger.addHandler(handler)
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            status = cli.invoke(list(words))
    except Parsed:
        return None
    except Unable as lack:
        return "unable: {}".format(lack)
    except SystemExit as end:
        status = end.code
    finally:
        logger.removeHandler(handler)
    return "ended with {}: {}".format(status, said.getvalue().strip())


def unknown(name, known):
    is_known = any(one == name or one.startswith(name + " ") for one in known)
    return None if is_known else "no command and no group has this name"


asked = json.load(sys.stdin)
lines = [complaint(words) for words in asked["lines"]]
known = cli.commands_loader_cls(cli).load_command_table(None)
names = [unknown(name, known) for name in asked["names"]]
json.dump({"lines": lines, "names": names}, sys.stdout)
