// SPDX-License-Identifier: Apache-2.0

/// A request of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 6), or of an extension that servers name.
///
/// Paths are the server's, as bytes.
enum SFTPRequest: Sendable {
    /// Opens a file; the mode counts where one is made.
    case open(path: [UInt8], OpenFlags, mode: UInt32)
    case close(handle: [UInt8])
    case read(handle: [UInt8], offset: Int, count: Int)
    case write(handle: [UInt8], offset: Int, ArraySlice<UInt8>)
    /// What the server knows about a name; a symbolic link is not followed.
    case status(path: [UInt8])
    case statusOfOpenFile(handle: [UInt8])
    case cut(handle: [UInt8], size: Int)
    case openFolder(path: [UInt8])
    case readFolder(handle: [UInt8])
    case remove(path: [UInt8])
    case makeFolder(path: [UInt8], mode: UInt32)
    case resolve(path: [UInt8])
    /// Gives another name, which nothing may have yet.
    case rename(from: [UInt8], to: [UInt8])
    /// `posix-rename@openssh.com`: gives another name, whatever had it.
    case renameReplacing(from: [UInt8], to: [UInt8])
    /// `fsync@openssh.com`
    case flush(handle: [UInt8])
    /// `statvfs@openssh.com`
    case space(path: [UInt8])
    /// `limits@openssh.com`
    case limits
    /// `check-file-handle` (draft-ietf-secsh-filexfer-extensions-00, section 3): the SHA-256 of a whole file.
    case checksum(handle: [UInt8])

    /// How a file is opened (section 6.3).
    struct OpenFlags: OptionSet, Sendable {
        let rawValue: UInt32
        static let read = OpenFlags(rawValue: 0x01)
        static let write = OpenFlags(rawValue: 0x02)
        static let create = OpenFlags(rawValue: 0x08)
        static let exclusive = OpenFlags(rawValue: 0x20)
    }

    /// Whether the server may take long without being stuck, since the work grows with the file.
    var isLong: Bool {
        switch self {
        case .flush, .checksum, .close: true
        default: false
        }
    }
}

extension SFTPRequest {
    /// The packet, its length in front.
    func packet(id: UInt32) -> [UInt8] {
        switch self {
        case .open(let path, let flags, let mode):
            .sftp(3, id) {
                $0.add(path)
                $0.add(flags.rawValue)
                $0.add(SFTPAttributes.Flags.permissions.rawValue)
                $0.add(mode)
            }
        case .close(let handle): .sftp(4, id) { $0.add(handle) }
        case .read(let handle, let offset, let count):
            .sftp(5, id) {
                $0.add(handle)
                $0.add(UInt64(offset))
                $0.add(UInt32(count))
            }
        case .write(let handle, let offset, let bytes):
            .sftp(6, id, capacity: handle.count + bytes.count + 32) {
                $0.add(handle)
                $0.add(UInt64(offset))
                $0.add(UInt32(bytes.count))
                $0.append(contentsOf: bytes)
            }
        case .status(let path): .sftp(7, id) { $0.add(path) }
        case .statusOfOpenFile(let handle): .sftp(8, id) { $0.add(handle) }
        case .cut(let handle, let size):
            .sftp(10, id) {
                $0.add(handle)
                $0.add(SFTPAttributes.Flags.size.rawValue)
                $0.add(UInt64(size))
            }
        case .openFolder(let path): .sftp(11, id) { $0.add(path) }
        case .readFolder(let handle): .sftp(12, id) { $0.add(handle) }
        case .remove(let path): .sftp(13, id) { $0.add(path) }
        case .makeFolder(let path, let mode):
            .sftp(14, id) {
                $0.add(path)
                $0.add(SFTPAttributes.Flags.permissions.rawValue)
                $0.add(mode)
            }
        case .resolve(let path): .sftp(16, id) { $0.add(path) }
        case .rename(let old, let new): .sftp(18, id) { $0.add(old, new) }
        case .renameReplacing(let old, let new): .extended(.replacingRename, id) { $0.add(old, new) }
        case .flush(let handle): .extended(.flush, id) { $0.add(handle) }
        case .space(let path): .extended(.space, id) { $0.add(path) }
        case .limits: .extended(.limits, id) { _ in }
        case .checksum(let handle):
            .sftp(200, id) {
                $0.add(Array("check-file-handle".utf8), handle, Array("sha256".utf8))
                // From the first byte to the last, in one block.
                $0.add(UInt64(0))
                $0.add(UInt64(0))
                $0.add(UInt32(0))
            }
        }
    }

    /// The first packet of a connection, which says that we speak version 3 (section 4).
    static let greeting: [UInt8] = [0, 0, 0, 5, 1, 0, 0, 0, 3]
}

/// What a server offers beyond version 3, by the name it gives when the connection begins.
enum SFTPExtension: String, Sendable {
    case replacingRename = "posix-rename@openssh.com"
    case flush = "fsync@openssh.com"
    case space = "statvfs@openssh.com"
    case limits = "limits@openssh.com"
    case checksum = "check-file"
}

extension [UInt8] {
    /// A packet with its length, type and request number in front.
    fileprivate static func sftp(
        _ type: UInt8,
        _ id: UInt32,
        capacity: Int = 256,
        _ fill: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        var packet: [UInt8] = []
        packet.reserveCapacity(capacity)
        packet.append(contentsOf: [0, 0, 0, 0, type])
        packet.add(id)
        fill(&packet)
        let length = UInt32(packet.count - 4)
        for index in 0..<4 { packet[index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index)) }
        return packet
    }

    fileprivate static func extended(
        _ name: SFTPExtension,
        _ id: UInt32,
        _ fill: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        sftp(200, id) {
            $0.add(Array(name.rawValue.utf8))
            fill(&$0)
        }
    }

    fileprivate mutating func add(_ number: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    fileprivate mutating func add(_ number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    fileprivate mutating func add(_ strings: [UInt8]...) {
        for string in strings {
            add(UInt32(string.count))
            append(contentsOf: string)
        }
    }
}
