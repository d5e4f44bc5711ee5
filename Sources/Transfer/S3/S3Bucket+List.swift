// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

extension S3Bucket {
    /// Lists the objects in a folder and below it, sorted by the bytes of their paths.
    ///
    /// Keys that are no path, such as those with `..` or `//`, and those that end in `/` are left out.
    func list(under folder: RemotePath?) async throws(TransferError) -> [RemoteFile] {
        var start = prefix
        if let folder { start = try key(of: folder) + [UInt8(ascii: "/")] }
        var files: [RemoteFile] = []
        var entryCount = 0
        try await forEachEntry(startingWith: start, path: folder) { (key, record) throws(TransferError) in
            entryCount += 1
            guard entryCount <= settings.entryLimit else { throw .tooManyFiles(limit: settings.entryLimit) }
            guard let file = try file(key, record) else { return }
            files.append(file)
        }
        if let folder, entryCount == 0 { throw .notFound(folder) }
        files.sort { $0.path < $1.path }
        return files
    }

    /// Shows the records of all keys that begin so.
    func forEachEntry(
        startingWith start: [UInt8],
        path: RemotePath?,
        _ show: (_ key: [UInt8], _ record: [String: String]) throws(TransferError) -> Void
    ) async throws(TransferError) {
        var token: String?
        repeat {
            var query: [(name: String, value: String)] = [
                ("list-type", "2"), ("encoding-type", "url"), ("max-keys", "1000"),
                ("prefix", String(decoding: start, as: UTF8.self)),
            ]
            if let token { query.append(("continuation-token", token)) }
            let answer = try await client.send(S3Request(method: .GET, path: path, query: query))
            guard let page = S3Document(answer.body), page.root == "ListBucketResult" else {
                throw .protocolFault("a list that is not one")
            }
            let isEncoded = page.fields["EncodingType"] == "url"
            for record in page.records {
                guard let text = record["Key"],
                    let key = isEncoded ? URIEncoding.decode(text) : Array(text.utf8),
                    key.starts(with: start)
                else { throw .protocolFault("a list with a key that was not asked for") }
                try show(key, record)
            }
            let next = page.fields["IsTruncated"] == "true" ? page.fields["NextContinuationToken"] : nil
            if page.fields["IsTruncated"] == "true", next == nil || next == token {
                throw .protocolFault("a list that does not go on")
            }
            token = next
        } while token != nil
    }

    /// The file that a record of a list stands for, nothing where the list leaves it out.
    private func file(_ key: [UInt8], _ record: [String: String]) throws(TransferError) -> RemoteFile? {
        guard let path = try? RemotePath(bytes: Array(key.dropFirst(prefix.count))), !path.isIgnored else {
            return nil
        }
        guard let byteCount = record["Size"].flatMap({ Int($0) }), byteCount >= 0,
            let modified = record["LastModified"].flatMap(S3Time.nanoseconds(listed:))
        else { throw .protocolFault("a list without size or time") }
        let isArchived = ["GLACIER", "DEEP_ARCHIVE"].contains(record["StorageClass"])
        return RemoteFile(
            path: path,
            byteCount: byteCount,
            modifiedNanoseconds: modified,
            obstacle: isArchived ? .refused(status: 403, code: "InvalidObjectState") : nil
        )
    }
}
