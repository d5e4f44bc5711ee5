// SPDX-License-Identifier: Apache-2.0

/// The place of a file or folder in an external account, relative to the account's root.
///
/// Components are joined by `/`. None is empty, `.` or `..`, none is longer than 255 bytes, none holds a NUL byte,
/// and the whole is at most 4,096 bytes long, so a path can not leave its account. Names are bytes, as they are on
/// Linux, over SFTP and in S3: two paths are equal when their bytes are, and they sort by their bytes.
package struct RemotePath: Hashable, Sendable {
    /// The path as the storage knows it, not necessarily valid UTF-8.
    package let bytes: [UInt8]

    /// Checks a path given as text, taken as it is.
    ///
    /// - Parameter text: The path in UTF-8, for example `outbound/S3_1_2_full_3.csv.gz`.
    /// - Throws: ``TransferError/unusablePath(_:)`` where the text could leave the account or names nothing.
    package init(_ text: String) throws(TransferError) {
        try self.init(bytes: Array(text.utf8))
    }

    /// Checks a path given as bytes.
    ///
    /// - Parameter bytes: The path as the storage knows it.
    /// - Throws: ``TransferError/unusablePath(_:)`` where the bytes could leave the account or name nothing.
    package init(bytes: [UInt8]) throws(TransferError) {
        guard RemotePath.isUsable(bytes) else {
            throw .unusablePath(RemotePath.spelling(of: bytes))
        }
        self.bytes = bytes
    }

    /// Reads a path back from its ``spelling``.
    ///
    /// - Parameter spelling: What ``spelling`` gave; `\\` is a backslash and `\xNN` the byte NN in hex.
    /// - Throws: ``TransferError/unusablePath(_:)`` where an escape is incomplete or the path is not usable.
    package init(spelling: String) throws(TransferError) {
        guard let bytes = RemotePath.bytes(spelledAs: spelling) else {
            throw .unusablePath(RemotePath.spelling(of: Array(spelling.utf8)))
        }
        try self.init(bytes: bytes)
    }

    /// A path whose parts have been checked already.
    private init(checked bytes: [UInt8]) {
        self.bytes = bytes
    }
}

extension RemotePath {
    /// The components of the path, outermost folder first, the file's own name last.
    package var components: [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
    }

    /// The folder that holds the file, nothing for the account's root.
    package var folder: RemotePath? {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return RemotePath(checked: Array(bytes[..<slash]))
    }

    /// The last component in its printable spelling.
    package var name: String {
        RemotePath.spelling(of: nameBytes)
    }

    /// The last component as the storage knows it.
    package var nameBytes: [UInt8] {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes }
        return Array(bytes[(slash + 1)...])
    }

    /// Whether lists leave the file out: hidden, or a temporary name (`.part`, `.tmp`, `.filepart`).
    ///
    /// True as well for everything in a hidden folder.
    package var isIgnored: Bool {
        components.contains { $0.first == UInt8(ascii: ".") } || RemotePath.isTemporary(nameBytes)
    }

    /// The path of a file in the same folder.
    ///
    /// - Parameter name: The other file's name, a single component.
    /// - Returns: The path beside this one.
    /// - Throws: ``TransferError/unusablePath(_:)`` where the name is not a single usable component.
    package func sibling(named name: String) throws(TransferError) -> RemotePath {
        let nameBytes = Array(name.utf8)
        guard !nameBytes.contains(UInt8(ascii: "/")) else {
            throw .unusablePath(RemotePath.spelling(of: nameBytes))
        }
        guard let folder else { return try RemotePath(bytes: nameBytes) }
        return try RemotePath(bytes: folder.bytes + [UInt8(ascii: "/")] + nameBytes)
    }

    /// Whether a name is one that programs give to files on their way.
    static func isTemporary(_ name: [UInt8]) -> Bool {
        temporaryEndings.contains { ending in
            name.count >= ending.count && name.suffix(ending.count).elementsEqual(ending)
        }
    }

    private static let temporaryEndings = [".part", ".tmp", ".filepart"].map { Array($0.utf8) }

    private static func isUsable(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, bytes.count <= 4_096, !bytes.contains(0) else { return false }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && part.count <= 255 && !part.elementsEqual(".".utf8)
                && !part.elementsEqual("..".utf8)
        }
    }
}

extension RemotePath: Comparable {
    /// Whether one path sorts before another, byte by byte.
    package static func < (left: RemotePath, right: RemotePath) -> Bool {
        left.bytes.withUnsafeBytes { leftBytes in
            right.bytes.withUnsafeBytes { leftBytes.lexicographicallyPrecedes($0) }
        }
    }
}
