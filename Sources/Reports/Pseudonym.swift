// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto
internal import Glibc

/// Turns the name of a logged person into a stable pseudonym: HMAC-SHA256 under a secret key.
///
/// The first 16 bytes, in 32 hexadecimal digits. Who holds the key (`actor.key` in the state
/// directory, 32 random bytes, mode 0600) can test a guessed name; nobody else can.
package struct Pseudonym: Sendable {
    private static let keyBytes = 32
    private let key: SymmetricKey

    private init(key: SymmetricKey) { self.key = key }

    /// A key that nobody keeps: pseudonyms agree within this process only.
    package static func ephemeral() -> Pseudonym { Pseudonym(key: SymmetricKey(size: .bits256)) }

    /// Reads the directory's key, or makes one at the first use.
    ///
    /// - Throws: ``StoreError`` when the key has another size or may be read by others; it is
    ///   never replaced, since that would give everybody a new pseudonym.
    package init(directory: String) throws(StoreError) {
        let file = directory + "/actor.key"
        var descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0, errno == ENOENT {
            try Self.create(file, in: directory)
            descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        }
        guard descriptor >= 0 else {
            throw StoreError(errno: errno, file: file, "the key of the pseudonyms cannot be opened")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw StoreError(
                errno: errno, file: file, "the key of the pseudonyms cannot be examined")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreError(
                .notPermitted, file: file,
                "others than its owner may use the key of the pseudonyms; run chmod 600 on it")
        }
        var bytes = [UInt8](repeating: 0, count: Self.keyBytes)
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == Self.keyBytes,
            unsafe read(descriptor, &bytes, bytes.count) == bytes.count
        else {
            throw StoreError(
                .damaged, file: file,
                "the key of the pseudonyms is not a file of \(Self.keyBytes) bytes; restore it, or "
                    + "remove it and everybody gets a new pseudonym"
            )
        }
        key = SymmetricKey(data: bytes)
    }

    /// The pseudonym of a name as it was logged.
    package func callAsFunction(_ actor: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(actor.utf8), using: key)
        return Array(code).prefix(16).hexadecimal
    }

    /// A number that follows from the key and a purpose: the same for as long as the key is.
    package func secret(for purpose: String) -> UInt64 {
        let code = HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8), using: key)
        return Array(code).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Writes a new key beside its place and links it there, so that a crash leaves either no
    /// key or a whole one.
    private static func create(_ file: String, in directory: String) throws(StoreError) {
        let draft = "\(file).\(getpid())"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                errno: errno, file: file, "the key of the pseudonyms cannot be created")
        }
        defer {
            close(descriptor)
            unsafe unlink(draft)
        }
        let bytes = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Array($0) }
        guard unsafe write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
        else {
            throw StoreError(
                errno: errno, file: file, "the key of the pseudonyms cannot be written")
        }
        // Another process may have been first; then its key is the one.
        guard unsafe link(draft, file) == 0 || errno == EEXIST else {
            throw StoreError(
                errno: errno, file: file, "the key of the pseudonyms cannot be created")
        }
        StateDirectory.synchronize(directory)
    }
}
