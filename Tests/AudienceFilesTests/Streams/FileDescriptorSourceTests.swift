// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Glibc
import Testing

@Suite struct FileDescriptorSourceTests {
    @Test func `a missing file and a folder are reported with the system's number`() throws {
        let folder = try TemporaryFolder()
        #expect(throws: AudienceFileError.readFailed(errno: ENOENT)) {
            try FileDescriptorSource(path: "\(folder.path)/nothing")
        }
        #expect(throws: AudienceFileError.readFailed(errno: EISDIR)) {
            try LineBlockReader(source: FileDescriptorSource(path: folder.path)).next()
        }
    }

    @Test func `a borrowed descriptor stays open and an owned one is closed`() throws {
        var pipe: [Int32] = [0, 0]
        #expect(Glibc.pipe(&pipe) == 0)
        #expect(write(pipe[1], "a b\n", 4) == 4)
        close(pipe[1])
        do {
            let source = FileDescriptorSource(fileDescriptor: pipe[0], isOwner: false)
            #expect(try ReadingPieces(LineBlockReader(source: source)).text == Array("a b\n".utf8))
        }
        #expect(fcntl(pipe[0], F_GETFD) >= 0)
        close(pipe[0])
    }
}
