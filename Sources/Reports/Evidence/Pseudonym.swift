// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto
internal import Glibc

/// Turns the name of a logged person into a stable pseudonym: HMAC-SHA256 under a secret key.
///
/// The first 16 bytes, in 32 hexadecimal digits. Who holds the key can test a guessed name; nobody
/// else can. It is the service manager's credential `actor.key`, 32 random bytes or more that
/// several hosts may share, or else the file `actor.key` in the state directory.
package struct Pseudonym: Sendable {
    private static let keyBytes = 32
    private let key: SymmetricKey
    /// The key lies outside of the state directory.
    private let isFromCredential: Bool

    private init(key: SymmetricKey) {
        self.key = key
        isFromCredential = false
    }

    /// A key that nobody keeps: pseudonyms agree within this process only.
    package static func ephemeral() -> Pseudonym { Pseudonym(key: SymmetricKey(size: .bits256)) }

    /// Reads the credential's or the directory's key, or makes one at the first use.
    ///
    /// - Parameter credentials: The directory that the service manager names in
    ///   `$CREDENTIALS_DIRECTORY` (systemd.exec(5)).
    /// - Throws: ``StoreError`` when the key has another size or may be read by others; it is
    ///   never replaced, since that would give everybody a new pseudonym.
    package init(directory: String, credentials: String? = nil) throws(StoreError) {
        if let credentials, let key = try Self.credential(in: credentials) {
            self.key = key
            isFromCredential = true
            return
        }
        isFromCredential = false
        try StateDirectory.createDirectory(directory)
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

    /// The key that the service manager gives; nil when it gives none of this name.
    private static func credential(in directory: String) throws(StoreError) -> SymmetricKey? {
        let file = directory + "/actor.key"
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw StoreError(errno: errno, file: file, "the credential cannot be opened")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard (keyBytes..<bytes.count).contains(count) else {
            throw StoreError(
                .damaged, file: file,
                "the credential is not of \(keyBytes) to \(bytes.count - 1) bytes; make one with "
                    + "`head -c 32 /dev/urandom`")
        }
        return SymmetricKey(data: bytes[..<count])
    }

    /// How the store is to keep what it must hold of logs.
    ///
    /// - Parameter keepsExcerpts: Words of conversations lie in the state directory anyway.
    package func restartProtection(keepsExcerpts: Bool) -> RestartProtection {
        guard isFromCredential else { return keepsExcerpts ? .plain : .omitted }
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("tocsin restart points 1".utf8),
            outputByteCount: Self.keyBytes)
        return .encrypted(key: unsafe derived.withUnsafeBytes { unsafe Array($0) })
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
