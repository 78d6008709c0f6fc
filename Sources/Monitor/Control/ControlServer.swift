// SPDX-License-Identifier: Apache-2.0
internal import Reports
internal import Varlink

/// The daemon's control socket: the queue and the monitor's state for other programs.
final class ControlServer {
    private let server: VarlinkServer
    /// To be told of new reports.
    let watchers: ReportWatchers
    private let followers: StatusFollowers
    private let threads: [WorkerThread]

    /// Starts to serve.
    ///
    /// - Throws: What the socket cannot be made for, with what to do.
    init(
        path: String, access: ControlAccess, store: ReportStore, status: StatusReader,
        reloader: RuleReloader
    ) throws {
        let watchers = ReportWatchers(store)
        let followers = StatusFollowers(status)
        var service = VarlinkService(
            VarlinkServiceInfo(
                vendor: "Tocsin", product: "tocsin", version: tocsinVersion,
                url: "urn:io.tocsin", domain: "io.tocsin"))
        try ReportsService(store, access, watchers).add(to: &service)
        try MonitorService(status, access, followers, reloader).add(to: &service)
        server = try VarlinkServer(service, at: .path(path))
        self.watchers = watchers
        self.followers = followers
        threads = [
            WorkerThread("watch") { watchers.run() }, WorkerThread("follow") { followers.run() },
        ]
    }

    /// Ends all connections and removes the socket.
    func stop() {
        server.stop()
        watchers.stop()
        followers.stop()
        for thread in threads { thread.join() }
    }
}
