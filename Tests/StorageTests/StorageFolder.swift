// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Testing

/// An empty data directory of one test, removed with what it holds.
final class StorageFolder {
    let directory: DataDirectory

    init() {
        let path =
            FileManager.default.temporaryDirectory.appendingPathComponent("storage-\(UUID().uuidString)").path
        directory = DataDirectory(path: path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory.path)
    }

    func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}

/// The code of the problem in which something must end; `nil`, and a failed expectation, when there is none.
func problemCode(_ location: SourceLocation = #_sourceLocation, of work: () throws -> Void) -> String? {
    do {
        try work()
        Issue.record("there was no problem", sourceLocation: location)
    } catch let problem as Problem {
        return problem.kind.code
    } catch {
        Issue.record("another error: \(error)", sourceLocation: location)
    }
    return nil
}
