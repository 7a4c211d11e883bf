"""A real Postfix and Dovecot on loopback, with users that behave as mailboxes do: full, away, unknown, greylisting.

Everything lies in one temporary folder; nothing is written elsewhere. Postfix' master needs root.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import trustme

DOMAIN = "acme.test"
PASSWORD = "pw"
# our own mailboxes first, then those of people: full is over its quota, ooo answers that they are away
USERS = ("sender", "bounces", "stop", "alice", "bob", "carol", "dora", "greylist", "tempfail", "ooo")
TOOLS = ("postfix", "dovecot", "doveadm")
STARTS_WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class MailLab:
    """Servers that run.

    Attributes:
        smtp: port that takes any recipient and bounces later. strict: refuses unknown ones at once. submission: STARTTLS and AUTH.
        imap: port of IMAP with STARTTLS.
    """

    folder: Path
    smtp: int
    strict: int
    submission: int
    imap: int

    @property
    def certificate(self) -> Path:
        """Of the authority that signed the servers' certificate."""
        return self.folder / "tls" / "authority.pem"

    @property
    def log(self) -> Path:
        """What Postfix did with each message."""
        return self.folder / "postfix.log"

    def mailbox(self, user: str) -> list[EmailMessage]:
        """What lies in a user's inbox, read from the disk."""
        found = [path for part in ("new", "cur") for path in (self.folder / "mail" / user / part).glob("*")]
        return [_read(path) for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]

    def wait_for(self, user: str, count: int, within_s: float = 30.0) -> list[EmailMessage]:
        """The user's inbox once it holds so many messages."""
        give_up_at = time.monotonic() + within_s
        while len(found := self.mailbox(user)) < count:
            if time.monotonic() > give_up_at:
                raise AssertionError(f"{user} has {len(found)} messages, not {count}; Postfix says:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)
        return found

    def settle(self, within_s: float = 30.0) -> None:
        """Returns when Postfix has nothing left to deliver, bounces and answers included."""
        give_up_at, quiet = time.monotonic() + within_s, 0
        while quiet < 3:
            assert time.monotonic() < give_up_at, f"Postfix still has mail:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.2)
            waiting = subprocess.run(
                ["postqueue", "-c", str(self.folder / "pf"), "-j"], env=_environment(), capture_output=True, text=True, check=True
            )
            quiet = 0 if waiting.stdout.strip() else quiet + 1

    def end_greylisting(self) -> None:
        """From now on greylist@ takes mail."""
        rules = self.folder / "pf" / "rcpt"
        rules.write_text("".join(line for line in rules.read_text().splitlines(keepends=True) if not line.startswith("greylist@")))
        _run("postfix", "-c", str(self.folder / "pf"), "reload")


def has_tools() -> bool:
    """Whether Postfix and Dovecot are there and may be started."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return os.geteuid() == 0 and all(shutil.which(tool, path=path) for tool in TOOLS)


@contextmanager
def mail_lab() -> Iterator[MailLab]:
    """Starts both servers on free ports, and ends them."""
    # Unix sockets allow short paths only
    folder = Path(tempfile.mkdtemp(prefix="lab", dir="/tmp"))
    folder.chmod(0o755)
    lab = MailLab(folder, *(_free_port() for _ in range(4)))
    try:
        _configure(lab)
        _run("dovecot", "-c", str(folder / "dovecot.conf"))
        _run("postfix", "-c", str(folder / "pf"), "start")
        for port in (lab.smtp, lab.strict, lab.submission, lab.imap):
            _wait_for_port(port)
        yield lab
    finally:
        _run("postfix", "-c", str(folder / "pf"), "stop", check=False)
        _run("doveadm", "-c", str(folder / "dovecot.conf"), "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _run(*command: str, check: bool = True) -> None:
    # the daemons would keep a pipe open
    done = subprocess.run(
        command, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    assert not check or done.returncode == 0, f"{command} ended with {done.returncode}"


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int) -> None:
    give_up_at = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < give_up_at, f"nothing listens on {port}"
            time.sleep(0.1)


def _configure(lab: MailLab) -> None:
    folder = lab.folder
    for name in ("pf", "q", "data", "mail", "tls", "run", "sieve"):
        (folder / name).mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "tls" / "authority.pem"))
    server = authority.issue_cert("localhost", "127.0.0.1")
    server.private_key_pem.write_to_path(str(folder / "tls" / "key.pem"))
    for place, part in enumerate(server.cert_chain_pems):
        part.write_to_path(str(folder / "tls" / "certificate.pem"), append=place > 0)
    (folder / "sieve" / "ooo.sieve").write_text(
        # an out-of-office answers no message with List-* headers (RFC 5230); those of Microsoft and Google do
        'require ["editheader", "vacation"];\n'
        'deleteheader "List-Unsubscribe";\ndeleteheader "List-Unsubscribe-Post";\n'
        'vacation :subject "Automatic reply: out of office" "I am away until Monday.";\n'
    )
    users = [f"{user}@{DOMAIN}:{{PLAIN}}{PASSWORD}:8:8::{folder}/mail/{user}::" for user in USERS]
    users.append(f"full@{DOMAIN}:{{PLAIN}}{PASSWORD}:8:8::{folder}/mail/full::userdb_quota_rule=*:storage=1")
    (folder / "users").write_text("\n".join(users) + "\n")
    (folder / "dovecot.conf").write_text(_DOVECOT.format(folder=folder, domain=DOMAIN, imap=lab.imap, smtp=lab.smtp))
    (folder / "pf" / "rcpt").write_text(
        f"tempfail@{DOMAIN} 451 4.7.1 Try again later\n"
        f"greylist@{DOMAIN} 450 4.2.0 Greylisted, come back in 300 seconds\n"
        f"blocked@{DOMAIN} 554 5.7.1 Message rejected due to local policy\n"
    )
    (folder / "pf" / "valid").write_text("".join(f"{user}@{DOMAIN} OK\n" for user in (*USERS, "full", "blocked")))
    (folder / "pf" / "main.cf").write_text(_MAIN.format(folder=folder, domain=DOMAIN))
    (folder / "pf" / "master.cf").write_text(_MASTER.format(folder=folder, smtp=lab.smtp, strict=lab.strict, submission=lab.submission))
    _run("chown", "-R", "mail:mail", str(folder / "mail"), str(folder / "sieve"))
    _run("chown", "root:root", str(folder / "q"))
    _run("chown", "postfix:root", str(folder / "data"))


_DOVECOT = """\
base_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%n
mail_plugins = quota
auth_username_format = %Lu
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = yes
ssl_cert = <{folder}/tls/certificate.pem
ssl_key = <{folder}/tls/key.pem
ssl_dh =
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
  default_fields = uid=8 gid=8 home={folder}/mail/%n
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  sieve = file:{folder}/sieve/%n.sieve
  sieve_extensions = +editheader
  sieve_vacation_min_period = 0
  sieve_vacation_default_period = 0
}}
submission_host = 127.0.0.1:{smtp}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener sasl {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@{domain}
  mail_plugins = quota sieve
}}
namespace inbox {{
  inbox = yes
}}
"""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/q
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = /var, {folder}
myhostname = mx.{domain}
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost =
virtual_mailbox_domains = {domain}
virtual_transport = lmtp:unix:{folder}/run/lmtp
lmtp_destination_recipient_limit = 1
default_transport = error:5.1.2 only local domains exist here
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/pf/rcpt, permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_tls_cert_file = {folder}/tls/certificate.pem
smtpd_tls_key_file = {folder}/tls/key.pem
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/run/sasl
smtpd_sasl_security_options = noanonymous
recipient_delimiter = +
message_size_limit = 1048576
smtpd_client_message_rate_limit = 0
maximal_queue_lifetime = 40s
bounce_queue_lifetime = 40s
minimal_backoff_time = 3s
maximal_backoff_time = 5s
queue_run_delay = 3s
notify_classes =
smtputf8_enable = yes
"""

_MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{strict} inet n - n - - smtpd -o virtual_mailbox_maps=texthash:{folder}/pf/valid -o smtpd_reject_unlisted_recipient=yes
127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=check_recipient_access,texthash:{folder}/pf/rcpt,permit_sasl_authenticated,reject -o mynetworks=
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
