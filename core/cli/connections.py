"""`connect`, `disconnect`, `status`, `doctor`."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from typing import Any

from core.api.connections import Checked, MissingRight
from core.app import App
from core.cli.output import Exit, UsageError, put, put_json, say, table
from core.connection.signin import Secrets, SignInDraft
from core.messages import message
from core.messages import right as right_words
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.paths import Home

# What each method signs in with; the first is indispensable. Other keys on stdin are left aside.
_WANTED = {
    SignInMethod.PASSWORD: ("password", "security_token"),
    SignInMethod.CLIENT_CREDENTIALS: ("client_secret",),
    SignInMethod.TOKEN: ("access_token",),
}


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    connect = commands.add_parser("connect", parents=[common], help="make a connection to an org")
    connect.add_argument("name")
    connect.add_argument("--method", required=True, choices=[m.value for m in SignInMethod])
    connect.add_argument("--login-url", required=True, metavar="URL")
    connect.add_argument("--instance-url", metavar="URL")
    connect.add_argument("--username")
    connect.add_argument("--client-id")
    connect.add_argument("--ca-file", metavar="PEM", help="your company's CA certificate")
    connect.add_argument("--objects", default="all", metavar="Lead,Contact,…|all")
    connect.add_argument("--plain-file", action="store_true", help="do not encrypt the mirror")
    connect.add_argument("--recovery-code", action="store_true", help="print a code that brings a lost key back")
    connect.add_argument("--secrets-stdin", action="store_true", help="read the secrets as JSON from stdin")
    connect.add_argument("--renew", action="store_true", help="sign in anew for the connection of that name")
    connect.add_argument("--attach", action="store_true", help="take up a mirror that an earlier connection left here")
    connect.add_argument("--switch-user", action="store_true", help="with --renew: sign in as another user of the org")
    connect.add_argument("--yes", action="store_true", help="connect without showing org and user first")
    connect.add_argument("--json", action="store_true")
    connect.set_defaults(run=run_connect)

    disconnect = commands.add_parser("disconnect", parents=[common], help="forget a connection")
    disconnect.add_argument("name")
    disconnect.add_argument("--delete-data", action="store_true", help="erase the mirror and its key too")
    disconnect.add_argument("--yes", action="store_true")
    disconnect.add_argument("--json", action="store_true")
    disconnect.set_defaults(run=run_disconnect)

    status = commands.add_parser("status", parents=[common], help="how the connections stand")
    status.add_argument("name", nargs="?")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=run_status)

    doctor = commands.add_parser("doctor", parents=[common], help="check a mirror's file and its counts")
    doctor.add_argument("name")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=run_doctor)


def run_connect(arguments: argparse.Namespace, home: Home) -> int:
    method = SignInMethod(arguments.method)
    if method in (SignInMethod.BROWSER, SignInMethod.JWT):
        raise OrgMirrorError(ErrorCode.METHOD_NOT_YET, method=method.value)
    problem = _missing(arguments, method)
    if problem:
        raise UsageError(f"orgmirror connect: {problem}")
    objects: tuple[str, ...] | None = None
    if arguments.objects != "all":
        objects = tuple(dict.fromkeys(filter(None, (o.strip() for o in arguments.objects.split(",")))))
        if not objects:
            raise UsageError("orgmirror connect: --objects needs API names separated by commas, or all")
    with App(home) as app:
        if arguments.renew:
            app.connections.find(arguments.name)
        else:
            app.connections.check_name(arguments.name)
        secrets = _read_secrets(arguments.secrets_stdin, method)
        draft = SignInDraft(
            method=method,
            login_url=arguments.login_url,
            instance_url=arguments.instance_url,
            username=arguments.username,
            client_id=arguments.client_id,
            ca_file=arguments.ca_file,
        )
        checked = app.connections.check(draft, secrets)
        identity = checked.identity
        kind = "sandbox" if identity.is_sandbox else "production"
        say(f"Org   {identity.org_name} ({identity.org_id}, {kind})")
        say(f"User  {identity.user_name} ({identity.username})")
        missing = _rights(app, checked, objects)
        if not arguments.yes and not _confirmed("Connect to this org? [y/N] "):
            raise OrgMirrorError(ErrorCode.NEEDS_CONFIRMATION)
        attached = False
        if arguments.renew:
            info = app.connections.keep_sign_in(arguments.name, checked, switch_user=arguments.switch_user)
        elif (kept := _kept(app, checked, arguments)) is not None:
            info = app.connections.attach(arguments.name, checked, kept, objects=objects)
            attached = True
        else:
            info = app.connections.create(arguments.name, checked, objects=objects, plain_file=arguments.plain_file)
        if arguments.recovery_code:
            say("Recovery code, shown this once. It brings the mirror's key back if the keyring loses it:")
            say(f"  {app.connections.make_recovery_code(info.name)}")
        if arguments.json:
            put_json(
                {
                    "name": info.name,
                    "org_id": info.org_id,
                    "org_name": info.org_name,
                    "user": info.username,
                    "sandbox": info.is_sandbox,
                    "encrypted": info.encrypted,
                    "attached": attached,
                    "missing_rights": [
                        {"right": right.kind.value, "object": right.object, "fields": list(right.fields)}
                        for right in missing
                    ],
                }
            )
        say(f"Connected. `orgmirror sync {info.name}` copies the org.")
    return Exit.OK


def _kept(app: App, checked: Checked, arguments: argparse.Namespace) -> str | None:
    """The kept mirror to take up again; None for a new one. Raises NO_KEPT_MIRROR where one was asked for."""
    found = [item for item in app.connections.kept(checked) if not (arguments.plain_file and item.profile.encrypted)]
    if not found:
        if arguments.attach:
            raise OrgMirrorError(ErrorCode.NO_KEPT_MIRROR)
        return None
    say(f"Note  A mirror of this org and user is kept here since {found[0].since[:10]} ({found[0].profile.name}).")
    if arguments.attach or (not arguments.yes and _confirmed("Take it up again instead of copying the org? [y/N] ")):
        return found[0].uuid
    say("      --attach takes it up again.")
    return None


def _rights(app: App, checked: Checked, objects: tuple[str, ...] | None) -> Sequence[MissingRight]:
    """Say what the user lacks and whom to ask for; that it could not be found out stands in nobody's way."""
    try:
        missing = app.connections.preflight(checked, objects)
    except OrgMirrorError as error:
        say(f"Note  The rights of this user could not be looked at: {message(error).title}")
        return ()
    for right in missing:
        words = right_words(right)
        say(f"Note  {words.title} {words.remedy}")
    return missing


def _missing(arguments: argparse.Namespace, method: SignInMethod) -> str | None:
    if method is SignInMethod.PASSWORD and not arguments.username:
        return "--method password needs --username"
    if method is SignInMethod.CLIENT_CREDENTIALS and not arguments.client_id:
        return "--method client-credentials needs --client-id"
    if arguments.plain_file and arguments.recovery_code:
        return "--recovery-code is for encrypted mirrors; --plain-file has no key"
    return None


def _read_secrets(from_stdin: bool, method: SignInMethod) -> Secrets:
    """The secrets as JSON from stdin, or asked for without echo; never from arguments. Raises UsageError."""
    wanted = _WANTED[method]
    values: dict[str, str] = {}
    if from_stdin:
        try:
            given = json.loads(sys.stdin.read())
        except ValueError:
            given = None
        if not isinstance(given, dict):
            # Nothing of what stood there is repeated: it may be a secret.
            raise UsageError("orgmirror connect: --secrets-stdin needs one JSON object on stdin")
        for key in wanted:
            value = given.get(key)
            if value is not None and not isinstance(value, str):
                raise UsageError(f"orgmirror connect: {key} has to be a text")
            if value:
                values[key] = value
    else:
        try:
            for key in wanted:
                values[key] = getpass.getpass(f"{key.replace('_', ' ').capitalize()}: ", stream=sys.stderr)
        except EOFError:
            raise UsageError("orgmirror connect: nobody is here to ask; use --secrets-stdin") from None
    if not values.get(wanted[0]):
        raise UsageError(f"orgmirror connect: --method {method.value} needs {wanted[0]}")
    return Secrets(**values)


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def run_disconnect(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app:
        info = app.connections.find(arguments.name)
        try:
            pending = app.connections.pending_edits(info.name)
        except OrgMirrorError:
            # A mirror that nobody can open must not stay for ever; what waits in it is given up knowingly.
            if not arguments.yes:
                raise
            pending = ()
        if pending and not arguments.yes:
            say(f"{info.name} has {len(pending)} edits that have not reached Salesforce:")
            for line in pending[:20]:
                say(f"  {line}")
            raise OrgMirrorError(ErrorCode.NEEDS_CONFIRMATION)
        if arguments.delete_data and not arguments.yes and not _confirmed(f"Erase the mirror of {info.name}? [y/N] "):
            raise OrgMirrorError(ErrorCode.NEEDS_CONFIRMATION)
        app.connections.remove(info.name, delete_data=arguments.delete_data)
    if arguments.json:
        put_json({"name": info.name, "data_deleted": bool(arguments.delete_data)})
    say(
        f"{info.name} is disconnected" + (" and its mirror erased." if arguments.delete_data else "; its mirror stays.")
    )
    return Exit.OK


def run_status(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app:
        names = (
            [app.connections.find(arguments.name).name] if arguments.name else [c.name for c in app.connections.list()]
        )
        answers = [app.status_json(name) for name in names]
    if arguments.json:
        put_json(answers[0] if arguments.name else answers)
        return Exit.OK
    if not answers:
        say("No connection yet. `orgmirror connect` makes one; `orgmirror --demo` opens the demo org.")
    for answer in answers:
        put(f"{answer['name']}: {answer['state']}, {answer['user']}")
        rows = [("OBJECT", "DIRECTION", "ROWS", "LOADED", "LAST SYNCED")]
        rows += [
            (o["name"], o["direction"], f"{o['rows']:,}", "yes" if o["loaded"] else "no", o["last_synced_at"] or "-")
            for o in answer["objects"]
        ]
        put(table(rows, right=frozenset({2})))
    return Exit.OK


def run_doctor(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        report = connection.doctor()
    if arguments.json:
        put_json(report.as_json())
    else:
        for line in report.lines():
            put(line)
    return Exit.OK if report.healthy else Exit.PROBLEMS
