// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a request did not give what it was for: the server said no, or there is no server any more.
enum SFTPFault: Error {
    case status(SFTPStatus)
    case connection(TransferError)

    /// Whether the server said that there is no such file.
    var isMissing: Bool { code == SFTPStatus.noSuchFile }

    /// The server's code, nothing where the connection failed.
    var code: UInt32? {
        guard case .status(let status) = self else { return nil }
        return status.code
    }
}

/// A connection as the operations use it: requests that wait for their replies, and paths below the account's root.
struct SFTPFolder: Sendable {
    let lease: SFTPPool.Lease
    let settings: SFTPSettings

    var connection: SFTPConnection { lease.connection }

    /// Whether the server offers something beyond version 3.
    func offers(_ name: SFTPExtension) -> Bool {
        connection.greeting.extensions.contains(name)
    }

    /// A path as the server knows it.
    func serverPath(_ path: RemotePath?) -> [UInt8] {
        let root = connection.greeting.root
        guard let path else { return root }
        return root.last == UInt8(ascii: "/") ? root + path.bytes : root + [UInt8(ascii: "/")] + path.bytes
    }
}

extension Promise<SFTPReply> {
    /// The reply, where it is not the news that the request failed.
    func reply() async throws(SFTPFault) -> SFTPReply {
        let reply: SFTPReply
        do throws(TransferError) {
            reply = try await value()
        } catch {
            throw .connection(error)
        }
        if case .status(let status) = reply, status.code != SFTPStatus.ok { throw .status(status) }
        return reply
    }

    /// What the server knows about a file.
    func attributes() async throws(SFTPFault) -> SFTPAttributes {
        guard case .attributes(let attributes) = try await reply() else { throw .unexpected }
        return attributes
    }

    /// An open file or folder.
    ///
    /// One that opens after its task was cancelled is closed again.
    func handle(of connection: SFTPConnection) async throws(SFTPFault) -> [UInt8] {
        do throws(SFTPFault) {
            guard case .handle(let handle) = try await reply() else { throw .unexpected }
            return handle
        } catch {
            whenKept { outcome in
                guard case .success(.handle(let handle)) = outcome else { return }
                _ = connection.send(.close(handle: handle))
            }
            throw error
        }
    }
}

extension SFTPFault {
    static let unexpected = SFTPFault.connection(.protocolFault("a reply of another kind"))
}

extension SFTPFolder {
    /// Turns a fault into a transfer error; asks the server for more where version 3 says too little.
    func failure(
        _ fault: SFTPFault,
        during operation: TransferError.Operation,
        at path: RemotePath?
    ) async -> TransferError {
        guard case .status(let status) = fault else {
            guard case .connection(let error) = fault else { return .disconnected }
            return error
        }
        switch status.code {
        case SFTPStatus.noSuchFile:
            guard let path, await rootStands() else { return .vanished(errno: ENOENT) }
            return .notFound(path)
        case SFTPStatus.permissionDenied: return .denied(path, errno: EACCES)
        case SFTPStatus.writeProtected: return .readOnly
        case SFTPStatus.noSpace: return .full(errno: ENOSPC)
        case SFTPStatus.overQuota: return .full(errno: EDQUOT)
        case SFTPStatus.noConnection, SFTPStatus.connectionLost: return .disconnected
        case SFTPStatus.unsupported: return .system(operation, path, errno: ENOTSUP)
        case SFTPStatus.badMessage:
            if let path { return .unusablePath(path.spelling) }
            return .system(operation, path, errno: EINVAL)
        default:
            return await guess(status, during: operation, at: path)
        }
    }

    /// The likely cause of a failure that the server does not explain.
    private func guess(
        _ status: SFTPStatus,
        during operation: TransferError.Operation,
        at path: RemotePath?
    ) async -> TransferError {
        let message = status.message.lowercased()
        if message.contains("quota") { return .full(errno: EDQUOT) }
        if message.contains("space") || message.contains("disk full") { return .full(errno: ENOSPC) }
        if message.contains("read-only") { return .readOnly }
        if [.list, .open, .read, .measure].contains(operation) == false, let space = try? await space() {
            if space.isReadOnly { return .readOnly }
            if space.freeBytes < 1 << 20 || space.isOutOfFiles { return .full(errno: ENOSPC) }
        }
        return .system(operation, path, errno: EIO)
    }

    private func rootStands() async -> Bool {
        do throws(SFTPFault) {
            _ = try await connection.send(.status(path: serverPath(nil))).attributes()
            return true
        } catch {
            return !error.isMissing
        }
    }
}
