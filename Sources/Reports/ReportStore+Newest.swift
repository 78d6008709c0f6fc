// SPDX-License-Identifier: Apache-2.0
internal import GRDB

extension ReportStore {
    /// The report that was committed last.
    package func newestReport() throws(StoreError) -> Report? {
        try read { db in
            let row = "SELECT document FROM report ORDER BY seq DESC LIMIT 1"
            return try String.fetchOne(db, sql: row).map { try Report(json: $0) }
        }
    }
}
