// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Matching
import Problems
import Terminal
import Transfer

extension ImportRun {
    /// What the control file says, if there is one.
    func controlFile() async throws -> ControlFile? {
        do {
            guard let control = try await files.controlFile() else { return nil }
            try control.verifyTotals()
            return control
        } catch let error as AudienceFileError {
            throw ImportFault(file: set.control?.remote.path.name ?? set.name, line: nil, error: error)
        }
    }

    /// Reads all files once, and accounts for their lines.
    func read(
        _ accountant: LineAccountant,
        _ reconciler: Reconciler,
        _ control: ControlFile?
    ) async throws -> [Receipt.File] {
        var files: [Receipt.File] = []
        let total = set.files.reduce(0) { $0 + $1.remote.byteCount }
        let progress = Progress("importing \(set.name)")
        defer { progress.finish() }
        for file in set.ordered {
            let opened = try await self.files.open(file)
            accountant.beginFile()
            let digest: FileDigest.Value
            do {
                digest = try LinePipeline(
                    opened.source(),
                    form: set.form.lines,
                    targets: targets,
                    reconciler: reconciler,
                    wantsMD5: control != nil
                )
                .run(into: accountant) { progress.show($0 / 1_000_000, of: total / 1_000_000, "MB") }
            } catch {
                await opened.close()
                throw ImportFault(file: file.remote.path.name, line: accountant.linesOfFile, error: error)
            }
            try await opened.finish()
            try verify(digest, file, lines: accountant.linesOfFile, control)
            files.append(
                Receipt.File(
                    name: file.remote.path.spelling,
                    bytes: Int64(digest.byteCount),
                    sha256: digest.sha256
                )
            )
        }
        return files
    }

    private func verify(
        _ digest: FileDigest.Value,
        _ file: ImportSet.File,
        lines: Int,
        _ control: ControlFile?
    ) throws {
        guard let control else { return }
        let name = file.remote.path.name
        guard let stated = control.entries.first(where: { $0.name == name }) else {
            throw Problem(.controlFileDisagrees, "The control file of \(set.name) does not name \(name).")
        }
        guard stated.byteCount == digest.byteCount else {
            throw Problem(
                .controlFileDisagrees,
                "\(name) has \(digest.byteCount) bytes; the control file says \(stated.byteCount)."
            )
        }
        if let md5 = stated.md5, let actual = digest.md5, md5.lowercased() != actual {
            throw Problem(
                .controlFileDisagrees,
                "The MD5 of \(name) is not the one that the control file says."
            )
        }
        if let count = stated.lineCount, count != lines {
            throw Problem(
                .controlFileDisagrees,
                "\(name) has \(lines) lines; the control file says \(count)."
            )
        }
    }
}
