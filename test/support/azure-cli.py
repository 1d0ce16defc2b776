"""Runs commands of the Azure CLI against a simulated Azure, each in a process of its own, until standard input ends.

The first line of standard input is JSON: armEndpoint, caFile, subscriptionId, identityEndpoint, identityHeader, clientId. Each further
one is a list of words without "az". Each answer is one line of JSON on standard output: status and output; status is null if
a part of the CLI is not installed. What it says besides goes to standard error. Who it is, where Azure is and how often it looks are
set from outside; everything else is the CLI's own.
"""
import contextlib
import importlib
import io
import json
import os
import pkgutil
import re
import sys
import tempfile
import urllib.parse
import urllib.request

azure = json.loads(sys.stdin.readline())
holder = tempfile.TemporaryDirectory()
os.environ.update(
    AZURE_CONFIG_DIR=holder.name,
    AZURE_EXTENSION_DIR=os.path.join(holder.name, "extensions"),
    AZURE_CORE_COLLECT_TELEMETRY="no",
    AZURE_CORE_ERROR_RECOMMENDATION="off",
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL="no",
    AZURE_CORE_NO_COLOR="yes",
    REQUESTS_CA_BUNDLE=azure["caFile"],
)

from azure.cli.core import get_default_cli  # noqa: E402
from azure.cli.core._profile import Profile  # noqa: E402
from azure.cli.core.profiles import ResourceType, _shared  # noqa: E402
from azure.core.credentials import AccessToken  # noqa: E402
from azure.core.polling.base_polling import LROBasePolling  # noqa: E402


class Person:
    def get_token(self, *_scopes, **_kwargs):
        audience = "https://management.azure.com/"
        query = {"api-version": "2019-08-01", "resource": audience, "client_id": azure["clientId"]}
        address = "{}?{}".format(azure["identityEndpoint"], urllib.parse.urlencode(query))
        request = urllib.request.Request(address, headers={"x-identity-header": azure["identityHeader"]})
        with urllib.request.urlopen(request) as response:
            answer = json.load(response)
        return AccessToken(answer["access_token"], int(answer["expires_on"]))


subscription = azure["subscriptionId"]
account = {
    "id": subscription,
    "name": "simulated",
    "tenantId": "simulated",
    "environmentName": "AzureCloud",
    "user": {"name": "operator", "type": "user"},
}
Profile.get_login_credentials = lambda *_args, **_kwargs: (Person(), subscription, account["tenantId"])
Profile.get_subscription = lambda *_args, **_kwargs: account
Profile.get_subscription_id = lambda *_args, **_kwargs: subscription
Profile.load_cached_subscriptions = lambda *_args, **_kwargs: [account]
# The simulated Azure has another time; by itself the CLI looks every half minute.
LROBasePolling._extract_delay = lambda _self: 0.05

# Debian's azure-cli asks for API versions that Debian's modules do not have: the newest older one that is there.
compute = importlib.import_module("azure.mgmt.compute")
there = {module.name for module in pkgutil.iter_modules(compute.__path__)}
versions = _shared.AZURE_API_PROFILES["latest"][ResourceType.MGMT_COMPUTE].profile
for group, version in list(versions.items()):
    wanted = "v" + version.replace("-", "_")
    if wanted not in there:
        older = max(name for name in there if re.match(r"v\d{4}_\d\d_\d\d$", name) and name < wanted)
        versions[group] = older[1:].replace("_", "-")

cli = get_default_cli()
cli.cloud.endpoints.resource_manager = azure["armEndpoint"]
own_handler = cli.exception_handler


class Unable(BaseException):
    """A part of the CLI is not installed."""


def tell(error):
    if isinstance(error, ImportError):
        raise Unable(str(error))
    return own_handler(error)


cli.exception_handler = tell


def run(words):
    output = io.StringIO()
    try:
        status = cli.invoke(words, out_file=output)
    except Unable:
        status = None
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    return {"status": status, "output": output.getvalue()}


# What a command needs is loaded once, before the first one.
for group in ["vm", "disk", "snapshot"]:
    with contextlib.redirect_stdout(io.StringIO()):
        run([group, "show", "--help"])

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        answer = json.dumps(run(json.loads(line)))
        sys.stderr.flush()
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
