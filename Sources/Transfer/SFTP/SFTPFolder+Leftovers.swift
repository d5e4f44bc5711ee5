// SPDX-License-Identifier: Apache-2.0

extension SFTPFolder {
    /// Deletes our own temporary files that have rested long enough, by the server's clock.
    ///
    /// A run that is alive changes its file at least once in the idle timeout, so it is never among them.
    ///
    /// - Returns: How many were deleted.
    func removeLeftovers() async throws(TransferError) -> Int {
        let parts = try await walk(from: nil).entries.filter { entry in
            entry.attributes.kind == .file && entry.obstacle == nil
                && SFTPPart.isTemporaryName(entry.path.nameBytes)
        }
        guard !parts.isEmpty else { return 0 }
        let latest = try await serverSeconds() - Int(settings.leftoverAge.seconds)
        var count = 0
        for part in parts where Int(part.attributes.modifiedSeconds ?? .max) <= latest {
            do throws(SFTPFault) {
                _ = try await connection.send(.remove(path: serverPath(part.path))).reply()
                count += 1
            } catch {
                // Somebody else's file, or gone in the meantime.
                guard error.isMissing || error.code == SFTPStatus.permissionDenied else {
                    throw await failure(error, during: .delete, at: part.path)
                }
            }
        }
        return count
    }

    /// The server's time in seconds since 1970-01-01 UTC, told by the time of a file that is made for that.
    private func serverSeconds() async throws(TransferError) -> Int {
        let path = try RemotePath(
            ".tallystick-clock-\(String(UInt64.random(in: 0...(.max)), radix: 16)).part"
        )
        do throws(SFTPFault) {
            let flags: SFTPRequest.OpenFlags = [.write, .create, .exclusive]
            let handle = try await connection.send(
                .open(path: serverPath(path), flags, mode: settings.fileMode)
            ).handle(of: connection)
            let found = connection.send(.statusOfOpenFile(handle: handle))
            _ = connection.send(.close(handle: handle))
            let removal = connection.send(.remove(path: serverPath(path)))
            let seconds = try await found.attributes().modifiedSeconds
            _ = try await removal.reply()
            return Int(seconds ?? 0)
        } catch {
            throw await failure(error, during: .write, at: path)
        }
    }
}
