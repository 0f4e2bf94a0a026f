"""Log lines of a composed cluster, in the shapes of the vendor's articles."""

from datetime import UTC, datetime, timedelta

__all__ = ["BEGIN", "HOSTS", "Log"]

BEGIN = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOSTS = ("exe1", "exe2")
_OFFSET = timedelta(hours=-5)


class Log:
    """The log of one peer; `second` is counted from `BEGIN`."""

    def __init__(self, host: str, hosts: tuple[str, ...] = HOSTS) -> None:
        self.host, self.hosts, self.lines = host, hosts, []

    lines: list[str]

    def add(self, second: float, process: str, rest: str) -> "Log":
        utc = BEGIN + timedelta(seconds=second)
        local = (utc + _OFFSET).replace(tzinfo=None).isoformat(timespec="milliseconds")
        stamp = utc.strftime("%Y-%m-%d %H:%M:%S,") + f"{utc.microsecond // 1000:03}"
        self.lines.append(f'{local}-05:00 {self.host} {process}UTCTime="{stamp}" {rest}')
        return self

    def sync(self, second: float, *, primary: int = 0, done: bool = True, word: str = "Master") -> "Log":
        peers = ", ".join(f"u'(10.20.0.{n} {host})'" for n, host in enumerate(self.hosts, 11))
        module = 'Module="developer.replication" Level="INFO"'
        own = self.hosts.index(self.host)
        self.add(second, "replication: ", f'{module} Detail="Starting synchronisation"')
        self.add(
            second + 0.01,
            "replication: ",
            f'{module} AlternateIPAddresses="[{peers}]" Configuration{word}Index="{primary}" LocalPeerIndex="{own}"',
        )
        if done:
            self.add(second + 0.1, "replication: ", f'{module} Detail="Synchronisation completed successfully"')
        return self

    def mode(self, second: float, after: str = "Enforcing", *, user: str = "") -> "Log":
        before = "Permissive" if after == "Enforcing" else "Enforcing"
        if user:
            self.add(
                second,
                "httpd[15060]: web: ",
                'Event="System Configuration Changed" Detail="configuration/cluster/tls_verify - changed from: '
                f'\'{before}\' to: \'{after}\'" Src-ip="10.20.0.30" User="{user}" Level="1"',
            )
        return self.add(
            second,
            "",
            f'Event="System Configuration Changed" Node="clusterdb@{self.host}.example.com" '
            f'Detail="xconfiguration clusterConfiguration tls_verify - changed from: {before} to: {after}"',
        )

    def alarm(self, second: float, number: int, title: str, *, raised: bool = True) -> "Log":
        what = "Raised" if raised else "Lowered"
        return self.add(second, "alarm: ", f'Level="WARN" Event="Alarm {what}" Id="{number}" Detail="{title}: text"')

    def restart_owed(self, second: float) -> "Log":
        return self.alarm(second, 20007, "Restart required")

    def started(self, second: float) -> "Log":
        module = 'Module="developer.management.databasemanager" Level="INFO"'
        return self.add(second, "management: ", f'{module} Detail="TLS Verify change status" Startup="True" New="True"')

    def lost(self, second: float, other: str) -> "Log":
        nodes = f'Node="clusterdb@{self.host}.example.com" PID="<0.1.0>"'
        far = f'Node="clusterdb@{other}.example.com"'
        module = 'Module="developer.clusterdb.cdb" Level="INFO"'
        self.add(second, "", f'{module} {nodes} Detail="Processed mnesia_down event from accessible node" {far}')
        return self.add(second + 0.01, "", f'{module} {nodes} Detail="Failed connecting to node" {far} Reason="noproc"')

    def unreachable(self, second: float, other: str) -> "Log":
        nodes = f'Module="developer.clusterdb.cdb" Node="clusterdb@{self.host}.example.com"'
        return self.add(second, "", f'{nodes} Detail="Failed connecting to node" Node="clusterdb@{other}.example.com"')

    def refused(self, second: float, detail: str, *, direction: str = "Inbound", far: str = "10.20.0.12") -> "Log":
        return self.add(
            second,
            "tvcs: ",
            f'Event="{direction} TLS Negotiation Error" Service="SIP" Src-ip="{far}" Src-port="25000" '
            f'Dst-ip="10.20.0.11" Dst-port="5061" Detail="{detail}" Protocol="TLS" Level="1"',
        )

    def quiet(self, second: float) -> "Log":
        return self.add(second, "tvcs: ", 'Module="network.tcp" Level="DEBUG": Detail="nothing of note"')

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"
