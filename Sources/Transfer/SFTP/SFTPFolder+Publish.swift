// SPDX-License-Identifier: Apache-2.0

import Glibc

extension SFTPFolder {
    /// Makes contents appear under a name, whole or not at all.
    ///
    /// The temporary name follows from the contents and the final name, so that another attempt finds what an
    /// interrupted one left and goes on there. What is left goes where the failure is not one of the connection.
    func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint,
        replacing isReplacing: Bool
    ) async throws(TransferError) -> Publication {
        guard !Task.isCancelled else { throw .cancelled }
        try await confirm(path.folder, isMaking: true)
        switch try await standing(at: path, comparedWith: expected) {
        case .same: return .alreadyThere
        case .other where !isReplacing: throw .exists(path)
        case .other, .nothing: break
        }
        let part = try SFTPPart(of: path, expected)
        do throws(TransferError) {
            var attemptCount = 0
            while true {
                attemptCount += 1
                try await fill(part, from: payload, at: path)
                if let publication = try await name(part, path, replacing: isReplacing) { return publication }
                // Another run with the same contents took the part away, and what it published is gone again.
                guard attemptCount < 3 else { throw .system(.rename, path, errno: EBUSY) }
            }
        } catch {
            if !error.isInterruption { await discard(part) }
            throw error
        }
    }

    /// Gives the part its final name; nothing where the part is no longer there.
    private func name(
        _ part: SFTPPart,
        _ path: RemotePath,
        replacing isReplacing: Bool
    ) async throws(TransferError) -> Publication? {
        guard !Task.isCancelled else { throw .cancelled }
        do throws(SFTPFault) {
            if isReplacing {
                try await replace(path, by: part)
            } else {
                // The draft obliges servers to refuse a name that is taken (section 6.5); not every server does.
                guard try await status(of: path) == nil else { throw SFTPFault.taken }
                _ = try await connection.send(
                    .rename(from: serverPath(part.path), to: serverPath(path))
                ).reply()
            }
            return .published
        } catch {
            if case .connection(let error) = error { throw error }
            switch try await standing(at: path, comparedWith: part.expected) {
            case .same:
                await discard(part)
                return .alreadyThere
            case .other where !isReplacing: throw .exists(path)
            case .nothing where error.isMissing: return nil
            default: throw await failure(error, during: .rename, at: path)
            }
        }
    }

    /// Replaces a file, at once where the server can (`posix-rename@openssh.com`).
    ///
    /// Elsewhere the old file is set aside, so that for a moment nothing has the name.
    private func replace(_ path: RemotePath, by part: SFTPPart) async throws(SFTPFault) {
        let (old, new) = (serverPath(part.path), serverPath(path))
        if offers(.replacingRename) {
            _ = try await connection.send(.renameReplacing(from: old, to: new)).reply()
            return
        }
        do throws(SFTPFault) {
            _ = try await connection.send(.rename(from: old, to: new)).reply()
            return
        } catch {
            guard case .status = error, (try await status(of: path)) != nil else { throw error }
        }
        let aside = serverPath(part.asidePath)
        _ = try? await connection.send(.remove(path: aside)).reply()
        _ = try await connection.send(.rename(from: new, to: aside)).reply()
        do throws(SFTPFault) {
            _ = try await connection.send(.rename(from: old, to: new)).reply()
        } catch {
            _ = try? await connection.send(.rename(from: aside, to: new)).reply()
            throw error
        }
        _ = try? await connection.send(.remove(path: aside)).reply()
    }

    private func discard(_ part: SFTPPart) async {
        _ = try? await connection.send(.remove(path: serverPath(part.path))).reply()
    }
}

extension SFTPFolder {
    private enum Standing {
        case nothing
        case same
        case other
    }

    /// What stands under a name: nothing, the expected contents or others.
    private func standing(
        at path: RemotePath,
        comparedWith expected: Fingerprint
    ) async throws(TransferError) -> Standing {
        let found: SFTPAttributes?
        do throws(SFTPFault) {
            found = try await status(of: path)
        } catch {
            throw await failure(error, during: .open, at: path)
        }
        guard let found else {
            // A missing root looks like a missing file.
            let error = await failure(.missing, during: .open, at: path)
            guard case .notFound = error else { throw error }
            return .nothing
        }
        guard found.kind == .file else { throw .notAFile(path) }
        guard found.size == expected.byteCount else { return .other }
        let reader = try await open(path, from: 0)
        var hasher = Optional(ContentHasher())
        while let chunk = try await reader.next() { hasher?.update(chunk[...]) }
        await reader.close()
        return hasher.take()?.finish() == expected ? .same : .other
    }
}

/// A file on its way to its final name.
struct SFTPPart: Sendable {
    /// The temporary name, hidden, in the folder of the final one.
    let path: RemotePath

    /// Where a replaced file rests for a moment.
    let asidePath: RemotePath

    /// What the contents have to be.
    let expected: Fingerprint

    init(of path: RemotePath, _ expected: Fingerprint) throws(TransferError) {
        self.expected = expected
        let digest = Fingerprint(of: expected.sha256 + path.bytes).sha256.prefix(16)
        let id = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        self.path = try path.sibling(named: ".tallystick-\(id).part")
        asidePath = try path.sibling(named: ".tallystick-\(id)-old.part")
    }

    /// Whether a name is one of ours.
    static func isTemporaryName(_ name: [UInt8]) -> Bool {
        name.starts(with: Array(".tallystick-".utf8)) && name.suffix(5).elementsEqual(".part".utf8)
    }
}

extension TransferError {
    /// Whether another attempt can go on where this one stopped.
    fileprivate var isInterruption: Bool {
        switch self {
        case .cancelled, .disconnected, .timedOut: true
        default: false
        }
    }
}
