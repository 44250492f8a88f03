"""The English source of every text that core can cause, once, marked for translation.

An error is a code plus arguments (core/model/errors.py); this table says what happened and what to do next. The window
translates by the context "Messages"; the command line prints the English. Placeholders are names in braces and are
filled from the error's arguments; a missing one shows as an ellipsis and never fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.forms import FaultCode, FieldFault, ReadOnly
from core.model.rights import MissingRight, RightKind


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Marks a text for translation and changes nothing."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """What happened, in a few words; and the next step. Both are plain text."""

    title: str
    remedy: str


_T: dict[ErrorCode, tuple[str, str]] = {
    ErrorCode.WRONG_CREDENTIALS: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce did not accept the user name, password or security token."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "Check all three and mind the environment: a sandbox user name usually ends with the sandbox's name. "
            "OrgMirror will not try this password again by itself, so that it cannot lock you out.",
        ),
    ),
    ErrorCode.SECURITY_TOKEN_NEEDED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce wants the security token for this user."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "In Salesforce open your personal settings, choose Reset My Security Token, and enter the token that is "
            "mailed to you.",
        ),
    ),
    ErrorCode.FLOW_BLOCKED: (
        QT_TRANSLATE_NOOP("Messages", "This org does not allow this way of signing in."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "Use an access token from the Salesforce CLI, or ask an administrator to enable the flow for the app.",
        ),
    ),
    ErrorCode.CLIENT_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce does not accept the client id or client secret."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "Copy both again from the External Client App; a new app can take ten minutes until it works.",
        ),
    ),
    ErrorCode.SOAP_LOGIN_OFF: (
        QT_TRANSLATE_NOOP("Messages", "This org no longer offers signing in with a password."),
        QT_TRANSLATE_NOOP("Messages", "Use client credentials, or an access token from the Salesforce CLI."),
    ),
    ErrorCode.USER_INACTIVE: (
        QT_TRANSLATE_NOOP("Messages", "This Salesforce user is inactive or locked."),
        QT_TRANSLATE_NOOP("Messages", "Ask an administrator to activate or unlock the user."),
    ),
    ErrorCode.PASSWORD_EXPIRED: (
        QT_TRANSLATE_NOOP("Messages", "The password of this Salesforce user has expired."),
        QT_TRANSLATE_NOOP("Messages", "Sign in with a browser once, choose a new password, and enter it here."),
    ),
    ErrorCode.TOKEN_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce does not accept this access token."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "It may have expired, or belong to another org. Get a new one and check the instance URL.",
        ),
    ),
    ErrorCode.SIGN_IN_NEEDED: (
        QT_TRANSLATE_NOOP("Messages", "Your Salesforce session has ended."),
        QT_TRANSLATE_NOOP("Messages", "Sign in again; nothing that is here is lost."),
    ),
    ErrorCode.SIGN_IN_FAILED: (
        QT_TRANSLATE_NOOP("Messages", "Signing in to Salesforce failed."),
        QT_TRANSLATE_NOOP("Messages", "Check the details and try again."),
    ),
    ErrorCode.METHOD_NOT_YET: (
        QT_TRANSLATE_NOOP("Messages", "Signing in by {method} is not available yet."),
        QT_TRANSLATE_NOOP("Messages", "Use token, password or client-credentials for now."),
    ),
    ErrorCode.MY_DOMAIN_NEEDED: (
        QT_TRANSLATE_NOOP("Messages", "Client credentials work at your org's own address only."),
        QT_TRANSLATE_NOOP("Messages", "Enter the My Domain address, such as https://yourcompany.my.salesforce.com."),
    ),
    ErrorCode.API_NOT_ENABLED: (
        QT_TRANSLATE_NOOP("Messages", "The Salesforce API is not enabled for this user or org."),
        QT_TRANSLATE_NOOP("Messages", "Ask an administrator for the permission “API Enabled”."),
    ),
    ErrorCode.OTHER_ORG: (
        QT_TRANSLATE_NOOP("Messages", "These credentials belong to another org than this mirror."),
        QT_TRANSLATE_NOOP("Messages", "Nothing was changed. Make a new connection for the other org."),
    ),
    ErrorCode.OTHER_USER: (
        QT_TRANSLATE_NOOP("Messages", "These credentials belong to another user than this mirror."),
        QT_TRANSLATE_NOOP("Messages", "Nothing was changed. Sign in as {expected}, or make a new connection."),
    ),
    ErrorCode.UNKNOWN_HOST: (
        QT_TRANSLATE_NOOP("Messages", "There is no server named {host}."),
        QT_TRANSLATE_NOOP("Messages", "Check the address, and that this computer is online."),
    ),
    ErrorCode.CANNOT_CONNECT: (
        QT_TRANSLATE_NOOP("Messages", "The server {host} cannot be reached."),
        QT_TRANSLATE_NOOP("Messages", "Check the network, the VPN and the proxy."),
    ),
    ErrorCode.BAD_CERTIFICATE: (
        QT_TRANSLATE_NOOP("Messages", "The certificate of {host} is not trusted."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "If your company inspects network traffic, give its CA certificate as a PEM file; "
            "otherwise do not go on and ask your IT department.",
        ),
    ),
    ErrorCode.BAD_CA_FILE: (
        QT_TRANSLATE_NOOP("Messages", "The CA file cannot be used."),
        QT_TRANSLATE_NOOP("Messages", "Choose a readable file with one or more certificates in PEM form."),
    ),
    ErrorCode.TIMED_OUT: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce did not answer in time."),
        QT_TRANSLATE_NOOP("Messages", "OrgMirror tries again by itself."),
    ),
    ErrorCode.NOT_SALESFORCE: (
        QT_TRANSLATE_NOOP("Messages", "The server at {host} does not answer like Salesforce."),
        QT_TRANSLATE_NOOP("Messages", "Check the address; a proxy or a sign-in page may stand in between."),
    ),
    ErrorCode.NOT_HTTPS: (
        QT_TRANSLATE_NOOP("Messages", "The address must begin with https://."),
        QT_TRANSLATE_NOOP("Messages", "OrgMirror does not send credentials over unencrypted connections."),
    ),
    ErrorCode.SERVER_ERROR: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce had a problem of its own (HTTP {status})."),
        QT_TRANSLATE_NOOP("Messages", "OrgMirror tries again by itself."),
    ),
    ErrorCode.API_LIMIT: (
        QT_TRANSLATE_NOOP("Messages", "The org has used up its API calls for now."),
        QT_TRANSLATE_NOOP("Messages", "The count is over the last 24 hours; OrgMirror goes on when calls are free."),
    ),
    ErrorCode.BUDGET_SPENT: (
        QT_TRANSLATE_NOOP("Messages", "OrgMirror has used its share of the org's API calls."),
        QT_TRANSLATE_NOOP("Messages", "It goes on when calls are free again; the share can be changed in Settings."),
    ),
    ErrorCode.OBJECT_NOT_VISIBLE: (
        QT_TRANSLATE_NOOP("Messages", "{object} is not visible to you in Salesforce."),
        QT_TRANSLATE_NOOP("Messages", "Ask an administrator for Read permission on it, if you need it."),
    ),
    ErrorCode.FIELD_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce refuses a field of {object}."),
        QT_TRANSLATE_NOOP("Messages", "What is here stays. OrgMirror asks again in the next cycle."),
    ),
    ErrorCode.QUERY_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce refuses the query for {object}."),
        QT_TRANSLATE_NOOP("Messages", "What is here stays. OrgMirror asks again in the next cycle."),
    ),
    ErrorCode.BULK_FAILED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce could not finish the bulk job for {object}."),
        QT_TRANSLATE_NOOP("Messages", "OrgMirror starts another one in the next cycle."),
    ),
    ErrorCode.COUNT_MISMATCH: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce announced {expected} rows but sent {actual}."),
        QT_TRANSLATE_NOOP("Messages", "The page was not taken over and is fetched again."),
    ),
    ErrorCode.TOO_MANY_GONE: (
        QT_TRANSLATE_NOOP("Messages", "{going} of {rows} {object} records are no longer visible in Salesforce."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "That is more than usual, so nothing was taken out. If it is right, run orgmirror reconcile for {object} "
            "with --yes; otherwise ask an administrator whether your access was changed.",
        ),
    ),
    ErrorCode.PAUSED: (
        QT_TRANSLATE_NOOP("Messages", "The sync of {name} is paused, so nothing was done."),
        QT_TRANSLATE_NOOP("Messages", "Run orgmirror resume {name}, or ask for one object with --object."),
    ),
    ErrorCode.DELETED_ASKS: (
        QT_TRANSLATE_NOOP("Messages", "{count} {object} records were deleted in Salesforce."),
        QT_TRANSLATE_NOOP("Messages", 'Decide whether they stay here under "deleted" or are removed.'),
    ),
    ErrorCode.SALESFORCE_ERROR: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce refused a request."),
        QT_TRANSLATE_NOOP("Messages", "What is here stays. OrgMirror asks again in the next cycle."),
    ),
    ErrorCode.PUSH_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce did not accept your change."),
        QT_TRANSLATE_NOOP("Messages", "Change the value and it is sent again, or discard your change."),
    ),
    ErrorCode.PUSH_NOT_ALLOWED: (
        QT_TRANSLATE_NOOP("Messages", "You may not change this in Salesforce."),
        QT_TRANSLATE_NOOP(
            "Messages", "Discard your change, or ask the record's owner or an administrator; your text can be copied."
        ),
    ),
    ErrorCode.PUSH_LOCKED: (
        QT_TRANSLATE_NOOP("Messages", "The state of this record in Salesforce does not allow the change."),
        QT_TRANSLATE_NOOP(
            "Messages", "Wait until the approval is done, or choose another value or owner, then try again."
        ),
    ),
    ErrorCode.PUSH_AUTOMATION: (
        QT_TRANSLATE_NOOP("Messages", "An automation of your org stopped the change."),
        QT_TRANSLATE_NOOP("Messages", "Show your administrator these words, then try again; your change is kept."),
    ),
    ErrorCode.PUSH_FIELD_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce does not let you write this field."),
        QT_TRANSLATE_NOOP(
            "Messages", "Discard your change of it, or ask an administrator for the right; the other fields are sent."
        ),
    ),
    ErrorCode.PUSH_REFERENCE: (
        QT_TRANSLATE_NOOP("Messages", "A record that this one refers to is gone, or you may not see it."),
        QT_TRANSLATE_NOOP("Messages", "Choose another record in the field, or discard your change."),
    ),
    ErrorCode.PUSH_CONVERTED: (
        QT_TRANSLATE_NOOP("Messages", "This lead was converted and can no longer be changed."),
        QT_TRANSLATE_NOOP("Messages", "Move your change to the contact, or discard it."),
    ),
    ErrorCode.SOAP_TOKEN: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce does not take this sign-in for converting, merging and restoring."),
        QT_TRANSLATE_NOOP(
            "Messages", "Do it on the record's page in Salesforce, {url}; the next sync brings the result here."
        ),
    ),
    ErrorCode.ACT_UNKNOWN: (
        QT_TRANSLATE_NOOP("Messages", "The connection broke off: nobody knows yet whether Salesforce did it."),
        QT_TRANSLATE_NOOP("Messages", "Wait a few minutes and look at the record before you try again."),
    ),
    ErrorCode.PUSH_DUPLICATE_VALUE: (
        QT_TRANSLATE_NOOP("Messages", "Another record has this value, which has to be the only one."),
        QT_TRANSLATE_NOOP("Messages", "Change the value, or open the other record and discard your change."),
    ),
    ErrorCode.PUSH_DUPLICATES: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce found records that may be the same."),
        QT_TRANSLATE_NOOP("Messages", "Open one of them, save all the same where that is allowed, or discard."),
    ),
    ErrorCode.PUSH_ORG_STATE: (
        QT_TRANSLATE_NOOP("Messages", "Your org takes no changes now: storage, licences or the API are at their end."),
        QT_TRANSLATE_NOOP("Messages", "Tell an administrator. Your changes are kept; OrgMirror asks again every hour."),
    ),
    ErrorCode.PUSH_CONFLICT: (
        QT_TRANSLATE_NOOP("Messages", "The same field was changed here and in Salesforce."),
        QT_TRANSLATE_NOOP("Messages", "Choose which value is to stay; the other one is kept aside."),
    ),
    ErrorCode.PUSH_GONE: (
        QT_TRANSLATE_NOOP("Messages", "The record you changed is no longer there in Salesforce."),
        QT_TRANSLATE_NOOP("Messages", "Make it anew, move your change, or discard it."),
    ),
    ErrorCode.MASS_CHANGE: (
        QT_TRANSLATE_NOOP("Messages", "{records} records are about to be changed or deleted in Salesforce."),
        QT_TRANSLATE_NOOP("Messages", "Nothing of it has left. Confirm it, or undo it."),
    ),
    ErrorCode.NO_SUCH_CONFLICT: (
        QT_TRANSLATE_NOOP("Messages", "There is no conflict {conflict_id}, or it is decided already."),
        QT_TRANSLATE_NOOP("Messages", "Look at the list of conflicts."),
    ),
    ErrorCode.NO_SUCH_CHOICE: (
        QT_TRANSLATE_NOOP("Messages", "This conflict cannot be answered with {choice}."),
        QT_TRANSLATE_NOOP("Messages", "Choose one of: {choices}."),
    ),
    ErrorCode.KEYRING_LOCKED: (
        QT_TRANSLATE_NOOP("Messages", "Your keyring is locked."),
        QT_TRANSLATE_NOOP("Messages", "Unlock it, usually with your computer's password, and try again."),
    ),
    ErrorCode.KEYRING_UNAVAILABLE: (
        QT_TRANSLATE_NOOP("Messages", "This computer offers no keyring."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "OrgMirror keeps passwords and keys in the system's keyring and nowhere else. Start or install one "
            "(GNOME Keyring, KWallet, Keychain, Credential Manager).",
        ),
    ),
    ErrorCode.KEY_MISSING: (
        QT_TRANSLATE_NOOP("Messages", "The key of this mirror is not in the keyring."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "The mirror's file was left as it is. Bring the keyring entry back, give the recovery code in "
            "ORGMIRROR_PASSPHRASE, or disconnect with --delete-data and connect again.",
        ),
    ),
    ErrorCode.SECRET_MISSING: (
        QT_TRANSLATE_NOOP("Messages", "The credentials of this connection are not in the keyring."),
        QT_TRANSLATE_NOOP("Messages", "Sign in again; nothing that is here is lost."),
    ),
    ErrorCode.NO_RECOVERY_CODE: (
        QT_TRANSLATE_NOOP("Messages", "{name} has no recovery code."),
        QT_TRANSLATE_NOOP("Messages", "The mirror's file was left as it is. Bring the keyring entry back."),
    ),
    ErrorCode.RECOVERY_CODE_WRONG: (
        QT_TRANSLATE_NOOP("Messages", "This is not the recovery code of {name}."),
        QT_TRANSLATE_NOOP("Messages", "Nothing was changed. Compare it with what you wrote down, group by group."),
    ),
    ErrorCode.DISK_FULL: (
        QT_TRANSLATE_NOOP("Messages", "The disk is full."),
        QT_TRANSLATE_NOOP("Messages", "Free some space; nothing loaded is lost and OrgMirror goes on from there."),
    ),
    ErrorCode.FILE_UNREADABLE: (
        QT_TRANSLATE_NOOP("Messages", "The mirror's file cannot be opened."),
        QT_TRANSLATE_NOOP("Messages", "Check that the file exists and that you may read and write it."),
    ),
    ErrorCode.FILE_LOCKED: (
        QT_TRANSLATE_NOOP("Messages", "Another program keeps the mirror's file locked."),
        QT_TRANSLATE_NOOP("Messages", "Close the other program; nothing is lost."),
    ),
    ErrorCode.FILE_CORRUPT: (
        QT_TRANSLATE_NOOP("Messages", "The mirror's file is damaged."),
        QT_TRANSLATE_NOOP("Messages", "Keep a copy of it, then disconnect with --delete-data and connect again."),
    ),
    ErrorCode.FILE_NEWER: (
        QT_TRANSLATE_NOOP("Messages", "This mirror was written by a newer OrgMirror."),
        QT_TRANSLATE_NOOP("Messages", "Update OrgMirror on this computer."),
    ),
    ErrorCode.WRONG_KEY: (
        QT_TRANSLATE_NOOP("Messages", "The key in the keyring does not open this mirror."),
        QT_TRANSLATE_NOOP("Messages", "The file was left as it is. Bring back the keyring entry that belongs to it."),
    ),
    ErrorCode.READ_ONLY: (
        QT_TRANSLATE_NOOP("Messages", "The mirror's file is read-only."),
        QT_TRANSLATE_NOOP("Messages", "Give yourself write permission for the file and its folder."),
    ),
    ErrorCode.NO_SUCH_CONNECTION: (
        QT_TRANSLATE_NOOP("Messages", "There is no connection named {name}."),
        QT_TRANSLATE_NOOP("Messages", "`orgmirror status` lists the connections."),
    ),
    ErrorCode.NAME_TAKEN: (
        QT_TRANSLATE_NOOP("Messages", "There is a connection named {name} already."),
        QT_TRANSLATE_NOOP("Messages", "Choose another name, or disconnect that one first."),
    ),
    ErrorCode.BAD_NAME: (
        QT_TRANSLATE_NOOP("Messages", "{name} cannot be the name of a connection."),
        QT_TRANSLATE_NOOP("Messages", "Use 1 to 60 visible characters that do not begin with a dash."),
    ),
    ErrorCode.BAD_URL: (
        QT_TRANSLATE_NOOP("Messages", "{url} is not an address that can be used."),
        QT_TRANSLATE_NOOP("Messages", "Give an address such as https://yourcompany.my.salesforce.com."),
    ),
    ErrorCode.NO_SUCH_OBJECT: (
        QT_TRANSLATE_NOOP("Messages", "{object} is not in this mirror."),
        QT_TRANSLATE_NOOP("Messages", "`orgmirror status NAME` lists the objects; names are API names."),
    ),
    ErrorCode.NO_SUCH_FIELD: (
        QT_TRANSLATE_NOOP("Messages", "{object} has no field {field} here."),
        QT_TRANSLATE_NOOP("Messages", "Field names are API names, such as LastName."),
    ),
    ErrorCode.NO_SUCH_RECORD: (
        QT_TRANSLATE_NOOP("Messages", "There is no {object} with the id {id} here."),
        QT_TRANSLATE_NOOP("Messages", "It may have been deleted, or not be visible to you."),
    ),
    ErrorCode.BAD_QUERY: (
        QT_TRANSLATE_NOOP("Messages", "The query cannot be run: {reason}"),
        QT_TRANSLATE_NOOP("Messages", "Only one SELECT over the mirrored objects is allowed."),
    ),
    ErrorCode.QUERY_TIMED_OUT: (
        QT_TRANSLATE_NOOP("Messages", "The query took longer than {seconds} seconds and was stopped."),
        QT_TRANSLATE_NOOP("Messages", "Narrow it, or export the mirror and query the copy."),
    ),
    ErrorCode.BAD_FILTER: (
        QT_TRANSLATE_NOOP("Messages", "The condition on {field} cannot be used."),
        QT_TRANSLATE_NOOP("Messages", "Check the value and its form."),
    ),
    ErrorCode.ROW_FILTER_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "Salesforce does not accept this condition for {object}."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "Write it as behind WHERE in SOQL, such as Country = 'Germany' AND CreatedDate = LAST_N_DAYS:90.",
        ),
    ),
    ErrorCode.FIELD_REQUIRED: (
        QT_TRANSLATE_NOOP("Messages", "{field} of {object} is always mirrored."),
        QT_TRANSLATE_NOOP("Messages", "Leave it ticked: rows cannot be kept in step without it."),
    ),
    ErrorCode.DIRECTION_NOT_POSSIBLE: (
        QT_TRANSLATE_NOOP("Messages", "{object} cannot be set to {direction}."),
        QT_TRANSLATE_NOOP("Messages", "Possible here: {possible}."),
    ),
    ErrorCode.OBJECT_NOT_OFFERED: (
        QT_TRANSLATE_NOOP("Messages", "{object} cannot be mirrored."),
        QT_TRANSLATE_NOOP("Messages", "Salesforce does not let its rows be queried by this user."),
    ),
    ErrorCode.HAS_PENDING_EDITS: (
        QT_TRANSLATE_NOOP("Messages", "{count} edits of {object} have not reached Salesforce."),
        QT_TRANSLATE_NOOP("Messages", "Send or undo them first; leaving this out would lose them."),
    ),
    ErrorCode.NO_SUCH_QUESTION: (
        QT_TRANSLATE_NOOP("Messages", "This question is not open any more."),
        QT_TRANSLATE_NOOP("Messages", "It was answered, or what it was about has changed again."),
    ),
    ErrorCode.MIRROR_LOCKED: (
        QT_TRANSLATE_NOOP("Messages", "The mirror {name} is locked: Salesforce says that {user} is deactivated."),
        QT_TRANSLATE_NOOP(
            "Messages", "Sign in again once the user is active. Otherwise the mirror is erased after {days} days."
        ),
    ),
    ErrorCode.EDITS_OF_ANOTHER: (
        QT_TRANSLATE_NOOP("Messages", "{count} edits made by {user} have not reached Salesforce."),
        QT_TRANSLATE_NOOP(
            "Messages", "They would be sent in your name. Look at them, then resume sending or undo them."
        ),
    ),
    ErrorCode.NO_KEPT_MIRROR: (
        QT_TRANSLATE_NOOP("Messages", "No mirror of this org and user is kept here."),
        QT_TRANSLATE_NOOP("Messages", "Connect without --attach; the org is then copied."),
    ),
    ErrorCode.SCHEMA_QUESTION: (
        QT_TRANSLATE_NOOP("Messages", "The schema of {object} changed in Salesforce: {field}."),
        QT_TRANSLATE_NOOP("Messages", "Decide what the mirror is to do with it."),
    ),
    ErrorCode.VALUES_KEPT_ASIDE: (
        QT_TRANSLATE_NOOP("Messages", "{count} values of {field} of {object} no longer fit its new type."),
        QT_TRANSLATE_NOOP("Messages", "They are kept aside; export them if you need them."),
    ),
    ErrorCode.TARGET_EXISTS: (
        QT_TRANSLATE_NOOP("Messages", "There is a file at {path} already."),
        QT_TRANSLATE_NOOP("Messages", "Choose another name, or confirm that it may be replaced."),
    ),
    ErrorCode.CANNOT_WRITE: (
        QT_TRANSLATE_NOOP("Messages", "{path} cannot be written."),
        QT_TRANSLATE_NOOP("Messages", "Check the folder, its permissions and the free space."),
    ),
    ErrorCode.VALUES_REFUSED: (
        QT_TRANSLATE_NOOP("Messages", "These values cannot be saved: {fields}."),
        QT_TRANSLATE_NOOP("Messages", "Correct what is said at each field. Nothing was changed."),
    ),
    ErrorCode.NOT_EDITABLE: (
        QT_TRANSLATE_NOOP("Messages", "{object} cannot be edited here."),
        QT_TRANSLATE_NOOP(
            "Messages",
            "Open the object for editing in its settings, where that is offered; a deleted or converted record is "
            "edited no more, and some rights only an administrator of the org can give.",
        ),
    ),
    ErrorCode.NOTHING_TO_UNDO: (
        QT_TRANSLATE_NOOP("Messages", "There is no pending edit to undo."),
        QT_TRANSLATE_NOOP("Messages", "`orgmirror pending` lists what waits; what was sent is reverted from its log."),
    ),
    ErrorCode.NO_SUCH_STATUS: (
        QT_TRANSLATE_NOOP("Messages", "The campaign has no member status {status}."),
        QT_TRANSLATE_NOOP("Messages", "Choose one of {statuses}, or add it to the campaign first."),
    ),
    ErrorCode.ENGINE_BUSY: (
        QT_TRANSLATE_NOOP("Messages", "Another OrgMirror is syncing {name} right now."),
        QT_TRANSLATE_NOOP("Messages", "Wait until it is done, or use its window."),
    ),
    ErrorCode.NEEDS_CONFIRMATION: (
        QT_TRANSLATE_NOOP("Messages", "This needs your confirmation."),
        QT_TRANSLATE_NOOP("Messages", "Repeat the command with --yes."),
    ),
    ErrorCode.DEMO_FAILED: (
        QT_TRANSLATE_NOOP("Messages", "The demo org did not start."),
        QT_TRANSLATE_NOOP("Messages", "Its reasons are in {log}; starting it again may help."),
    ),
    ErrorCode.CANCELLED: (
        QT_TRANSLATE_NOOP("Messages", "Stopped, as you asked."),
        QT_TRANSLATE_NOOP("Messages", "What was loaded is kept; the next sync goes on from there."),
    ),
    ErrorCode.UNEXPECTED: (
        QT_TRANSLATE_NOOP("Messages", "Something unexpected happened: {reason}"),
        QT_TRANSLATE_NOOP("Messages", "Nothing is lost. Please report it with the log file."),
    ),
}


# What `doctor` finds, by the code of the finding.
_FINDINGS: dict[str, str] = {
    "file-damaged": QT_TRANSLATE_NOOP("Messages", "The file is damaged: {detail}"),
    "version-unknown": QT_TRANSLATE_NOOP("Messages", "The file's version {file_version} is not the program's."),
    "table-missing": QT_TRANSLATE_NOOP("Messages", "The table of {object} is missing."),
    "column-missing": QT_TRANSLATE_NOOP("Messages", "{object}.{field} has no column."),
    "row-not-overlaid": QT_TRANSLATE_NOOP("Messages", "{object} {record_id} does not show the edit of {field}."),
    "edit-without-row": QT_TRANSLATE_NOOP("Messages", "An edit of {object} {record_id} has no row."),
    "edit-without-field": QT_TRANSLATE_NOOP("Messages", "An edit of {object} {record_id} has no field {field}."),
    "edit-of-no-state": QT_TRANSLATE_NOOP("Messages", "An edit of {object} {record_id} is in a state that is unknown."),
    "made-here-without-edit": QT_TRANSLATE_NOOP(
        "Messages", "{object} {record_id} was made here, and nothing would send it."
    ),
    "count-drifted": QT_TRANSLATE_NOOP("Messages", "The stored count of {object} is not the number of its rows."),
    "search-drifted": QT_TRANSLATE_NOOP("Messages", "The search index of {object} does not hold all of its rows."),
    "id-malformed": QT_TRANSLATE_NOOP("Messages", "{object} has a row whose id is malformed."),
    "page-without-job": QT_TRANSLATE_NOOP("Messages", "{object} has pages of a load that is not there."),
    "job-without-table": QT_TRANSLATE_NOOP("Messages", "{object} is being loaded and has no table."),
    "loaded-without-watermark": QT_TRANSLATE_NOOP("Messages", "{object} is loaded and has no watermark."),
}


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _identity(text: str) -> str:
    return text


def message(error: OrgMirrorError, translate: Callable[[str], str] = _identity) -> Message:
    """The words for an error; `translate` maps an English source text to the reader's language."""
    title, remedy = _T[error.code]
    params = _Params(error.params)
    text = translate(title).format_map(params)
    if error.salesforce_text:
        text = (
            f"{text} {error.salesforce_code}: {error.salesforce_text}"
            if error.salesforce_code
            else (f"{text} {error.salesforce_text}")
        )
    return Message(text, translate(remedy).format_map(params))


def finding(code: str, translate: Callable[[str], str] = _identity, **params: Any) -> str:
    """The words for one finding of `doctor`."""
    return translate(_FINDINGS[code]).format_map(_Params(params))


_RIGHTS: dict[RightKind, tuple[str, str]] = {
    RightKind.API: (
        QT_TRANSLATE_NOOP("Messages", "This user may not use the API."),
        QT_TRANSLATE_NOOP("Messages", "Ask for the permission API Enabled."),
    ),
    RightKind.MARKETING_USER: (
        QT_TRANSLATE_NOOP("Messages", "Campaigns cannot be created or edited: this user is no Marketing User."),
        QT_TRANSLATE_NOOP("Messages", "Ask to have the box Marketing User ticked on the user's page."),
    ),
    RightKind.CONVERT_LEADS: (
        QT_TRANSLATE_NOOP("Messages", "Leads cannot be converted."),
        QT_TRANSLATE_NOOP("Messages", "Ask for the permission Convert Leads."),
    ),
    RightKind.READ_OBJECT: (
        QT_TRANSLATE_NOOP("Messages", "{object} is not visible and will not be copied."),
        QT_TRANSLATE_NOOP("Messages", "Ask for read access to {object} in the profile or a permission set."),
    ),
    RightKind.CREATE_OBJECT: (
        QT_TRANSLATE_NOOP("Messages", "{object} records cannot be created."),
        QT_TRANSLATE_NOOP("Messages", "Ask for create access to {object}."),
    ),
    RightKind.EDIT_OBJECT: (
        QT_TRANSLATE_NOOP("Messages", "{object} records cannot be edited."),
        QT_TRANSLATE_NOOP("Messages", "Ask for edit access to {object}."),
    ),
    RightKind.READ_FIELDS: (
        QT_TRANSLATE_NOOP("Messages", "Of {object} these fields are hidden: {fields}."),
        QT_TRANSLATE_NOOP("Messages", "Ask for read access to them in the field-level security."),
    ),
    RightKind.EDIT_FIELDS: (
        QT_TRANSLATE_NOOP("Messages", "Of {object} these fields are read-only: {fields}."),
        QT_TRANSLATE_NOOP("Messages", "Ask for edit access to them in the field-level security."),
    ),
}


def right(missing: MissingRight, translate: Callable[[str], str] = _identity) -> Message:
    """The words for a missing right: what it costs, and what to ask an administrator for."""
    title, ask = _RIGHTS[missing.kind]
    params = _Params(missing.params)
    return Message(translate(title).format_map(params), translate(ask).format_map(params))


def covered_rights() -> frozenset[RightKind]:
    """The rights that have words: a test holds this equal to all of them."""
    return frozenset(_RIGHTS)


def covered_findings() -> frozenset[str]:
    """The codes of findings that have words: a test holds this equal to all codes."""
    return frozenset(_FINDINGS)


def covered() -> frozenset[ErrorCode]:
    """The codes that have words: a test holds this equal to all codes."""
    return frozenset(_T)


_READ_ONLY: dict[ReadOnly, str] = {
    ReadOnly.CALCULATED: QT_TRANSLATE_NOOP("Messages", "Salesforce calculates it."),
    ReadOnly.AUTO_NUMBER: QT_TRANSLATE_NOOP("Messages", "Salesforce numbers it."),
    ReadOnly.SYSTEM: QT_TRANSLATE_NOOP("Messages", "Salesforce sets it."),
    ReadOnly.NO_RIGHT: QT_TRANSLATE_NOOP("Messages", "Your Salesforce user may not change it."),
    ReadOnly.ONLY_AT_CREATION: QT_TRANSLATE_NOOP("Messages", "It can be set on a new record only."),
    ReadOnly.BUILT_FROM_PARTS: QT_TRANSLATE_NOOP("Messages", "It is made of first and last name; edit those."),
    ReadOnly.OBJECT_CLOSED: QT_TRANSLATE_NOOP("Messages", "This object is not open for editing yet."),
    ReadOnly.PULL_ONLY: QT_TRANSLATE_NOOP("Messages", "This object is only read from Salesforce."),
    ReadOnly.RECORD_DELETED: QT_TRANSLATE_NOOP("Messages", "The record is deleted."),
    ReadOnly.RECORD_CONVERTED: QT_TRANSLATE_NOOP("Messages", "The lead is converted; edit the contact."),
    ReadOnly.ON_LAYOUT: QT_TRANSLATE_NOOP("Messages", "Your page layout shows it read-only."),
}
_FAULTS: dict[FaultCode, str] = {
    FaultCode.REQUIRED: QT_TRANSLATE_NOOP("Messages", "It needs a value."),
    FaultCode.TOO_LONG: QT_TRANSLATE_NOOP("Messages", "{length} characters are more than {limit}."),
    FaultCode.NOT_A_NUMBER: QT_TRANSLATE_NOOP("Messages", "It needs a number."),
    FaultCode.OUT_OF_RANGE: QT_TRANSLATE_NOOP("Messages", "At most {digits} digits fit before the decimal point."),
    FaultCode.TOO_MANY_DECIMALS: QT_TRANSLATE_NOOP("Messages", "It needs a whole number."),
    FaultCode.NOT_A_DATE: QT_TRANSLATE_NOOP("Messages", "It needs a date of the form 2024-05-07, from 1700 to 4000."),
    FaultCode.NOT_A_TIME: QT_TRANSLATE_NOOP("Messages", "It needs a time of the form 22:07."),
    FaultCode.NOT_A_DATETIME: QT_TRANSLATE_NOOP("Messages", "It needs a date and time of the form 2024-05-07 22:07."),
    FaultCode.NOT_A_BOOLEAN: QT_TRANSLATE_NOOP("Messages", "It is true or false."),
    FaultCode.NOT_AN_EMAIL: QT_TRANSLATE_NOOP("Messages", "It needs an e-mail address."),
    FaultCode.NOT_IN_PICKLIST: QT_TRANSLATE_NOOP("Messages", "{value} is not among its values."),
    FaultCode.NOT_FOR_RECORD_TYPE: QT_TRANSLATE_NOOP("Messages", "{value} does not go with the record type."),
    FaultCode.NOT_FOR_CONTROLLER: QT_TRANSLATE_NOOP("Messages", "{value} does not go with {controller}."),
    FaultCode.NOT_AN_ID: QT_TRANSLATE_NOOP("Messages", "It needs a record."),
    FaultCode.WRONG_TARGET: QT_TRANSLATE_NOOP("Messages", "It refers to {objects}."),
    FaultCode.NO_SUCH_TARGET: QT_TRANSLATE_NOOP("Messages", "The record is not here."),
    FaultCode.INACTIVE_OWNER: QT_TRANSLATE_NOOP("Messages", "This user is not active and cannot own records."),
    FaultCode.QUEUE_FOR_CONTACT: QT_TRANSLATE_NOOP(
        "Messages", "Salesforce has no queues for contacts; a contact needs a user as its owner."
    ),
    FaultCode.QUEUE_NOT_FOR_OBJECT: QT_TRANSLATE_NOOP("Messages", "This queue does not take such records."),
    FaultCode.NOT_EDITABLE: QT_TRANSLATE_NOOP("Messages", "It cannot be changed."),
    FaultCode.NO_SUCH_FIELD: QT_TRANSLATE_NOOP("Messages", "There is no such field here."),
}


def read_only_source(reason: ReadOnly) -> str:
    """The English source of why something cannot be edited."""
    return _READ_ONLY[reason]


def fault_source(fault: FieldFault) -> str:
    """The English source of what is wrong with a value; of a field that cannot be edited, why."""
    if fault.code is FaultCode.NOT_EDITABLE and fault.params.get("reason") in set(ReadOnly):
        return _READ_ONLY[ReadOnly(fault.params["reason"])]
    return _FAULTS[fault.code]


def fault_text(fault: FieldFault) -> str:
    """What is wrong with a value, in English."""
    return fault_source(fault).format_map(_Params(fault.params))
