// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

/// An upload in parts that has been begun and neither completed nor given up.
private struct BegunUpload {
    let key: [UInt8]
    let id: String
    let begun: Int
    /// Who began it, as the storage knows them.
    let initiator: String?
}

extension S3Bucket {
    private static let hiddenStart = Array(".tallystick-".utf8)
    private static let hiddenEnd = Array(".part".utf8)

    /// Gives up our own uploads in parts that are old, and deletes probes that interrupted checks left.
    ///
    /// Uploads of the same access key that are older than ``S3Settings/leftoverAge`` count as ours.
    func removeLeftovers() async throws(TransferError) -> Int {
        let (seconds, _) = settings.leftoverAge.components
        let latest = settings.surroundings.now() - Int(seconds) * 1_000_000_000
        var count = 0
        let old = try await begunUploads(startingWith: prefix).filter { $0.begun <= latest }
        if !old.isEmpty {
            let us = try await initiator()
            for upload in old where upload.initiator == us {
                try await abort(upload.id, of: upload.key)
                count += 1
            }
        }
        var probes: [RemotePath] = []
        try await forEachEntry(startingWith: prefix + S3Bucket.hiddenStart, path: nil) { key, record in
            let name = Array(key.dropFirst(prefix.count))
            guard name.suffix(S3Bucket.hiddenEnd.count).elementsEqual(S3Bucket.hiddenEnd),
                let modified = record["LastModified"].flatMap(S3Time.nanoseconds(listed:)),
                modified <= latest,
                let path = try? RemotePath(bytes: name), path.folder == nil
            else { return }
            probes.append(path)
        }
        for probe in probes { try await delete(probe) }
        return count + probes.count
    }

    /// Gives up our own uploads in parts to one key, also those that were begun a moment ago.
    func removeLeftovers(of path: RemotePath) async throws(TransferError) {
        let key = try key(of: path)
        let begun = try await begunUploads(startingWith: key).filter { $0.key == key }
        guard !begun.isEmpty else { return }
        let us = try await initiator()
        for upload in begun where upload.initiator == us { try await abort(upload.id, of: key) }
    }

    /// Who we are as the storage knows us: it says so of an upload that we begin for this and give up at once.
    private func initiator() async throws(TransferError) -> String? {
        let name = hexadecimal((0..<8).map { _ in UInt8(settings.surroundings.jitter() * 256) })
        let key = prefix + S3Bucket.hiddenStart + Array("who-\(name)".utf8) + S3Bucket.hiddenEnd
        let id = try await begin(key, nil, headers: writingHeaders)
        do throws(TransferError) {
            let ours = try await begunUploads(startingWith: key).first { $0.id == id }
            await giveUp(id, of: key)
            return ours?.initiator
        } catch {
            await giveUp(id, of: key)
            throw error
        }
    }

    private func begunUploads(startingWith start: [UInt8]) async throws(TransferError) -> [BegunUpload] {
        var uploads: [BegunUpload] = []
        var marker: (key: String, id: String)?
        repeat {
            var query: [(name: String, value: String)] = [
                ("uploads", ""), ("encoding-type", "url"), ("prefix", String(decoding: start, as: UTF8.self)),
            ]
            if let marker { query += [("key-marker", marker.key), ("upload-id-marker", marker.id)] }
            let answer = try await client.send(S3Request(method: .GET, query: query))
            guard let page = S3Document(answer.body), page.root == "ListMultipartUploadsResult" else {
                throw .protocolFault("a list of uploads that is not one")
            }
            for record in page.records {
                guard let text = record["Key"], let key = S3Bucket.name(text, in: page),
                    key.starts(with: start), let id = record["UploadId"],
                    let begun = record["Initiated"].flatMap(S3Time.nanoseconds(listed:))
                else { throw .protocolFault("a list of uploads without key or time") }
                uploads.append(BegunUpload(key: key, id: id, begun: begun, initiator: record["Initiator/ID"]))
            }
            let previous = marker
            marker = nil
            if page.fields["IsTruncated"] == "true" {
                let key = page.fields["NextKeyMarker"].flatMap { S3Bucket.name($0, in: page) }
                let next = (
                    String(decoding: key ?? [], as: UTF8.self), page.fields["NextUploadIdMarker"] ?? ""
                )
                guard !next.0.isEmpty, previous.map({ $0 != next }) ?? true else {
                    throw .protocolFault("a list of uploads that does not go on")
                }
                marker = next
            }
        } while marker != nil
        return uploads
    }

    private static func name(_ text: String, in page: S3Document) -> [UInt8]? {
        page.fields["EncodingType"] == "url" ? URIEncoding.decode(text) : Array(text.utf8)
    }
}
