// SPDX-License-Identifier: Apache-2.0

/// What a list of an account showed.
package struct Listing: Equatable, Sendable {
    /// The files, sorted by the bytes of their paths.
    package let files: [RemoteFile]

    /// When each folder that was looked into had last changed, before that look, in nanoseconds since 1970-01-01 UTC.
    ///
    /// The root has no path; nothing where the storage has no folders, as S3.
    let folderTimes: [RemotePath?: Int]?

    init(files: [RemoteFile], folderTimes: [RemotePath?: Int]? = nil) {
        self.files = files
        self.folderTimes = folderTimes
    }

    /// The files, and those folders that are named as if they were files, each with the obstacle that it is none.
    ///
    /// - Parameter isNamedAsFile: Whether a name is one of files.
    /// - Returns: All of them, sorted by the bytes of their paths.
    package func entries(withFolders isNamedAsFile: (String) -> Bool) -> [RemoteFile] {
        let folders = (folderTimes ?? [:]).keys.compactMap(\.self).filter { path in
            isNamedAsFile(path.name) && !files.contains { $0.path == path }
        }
        guard !folders.isEmpty else { return files }
        let others = folders.map { path in
            RemoteFile(path: path, byteCount: 0, modifiedNanoseconds: 0, obstacle: .notAFile(path))
        }
        return (files + others).sorted { $0.path < $1.path }
    }
}

/// The latest list of an account that is looked at again and again, made anew only when something may have changed.
///
/// Where the storage tells when its folders changed, their times are asked for instead of their files. Such times may be
/// whole seconds, so that holds only once two lists, two seconds apart, have shown the same. A file that is written in
/// place leaves its folder's time alone, so all is listed at least once a minute, and as often as the caller wants.
package struct SettledListing: Sendable {
    private var latest: Listing?
    /// When the first list that showed the same had ended, and when the latest one had begun.
    private var firstEnd = ContinuousClock.now
    private var latestStart = ContinuousClock.now

    /// Nothing is known yet.
    package init() {}

    /// Lists the account's files.
    ///
    /// - Parameters:
    ///   - transport: The way to the account.
    ///   - isComplete: Whether to list all in any case, since files may be growing.
    ///   - now: A clock that never goes back.
    /// - Returns: The files, and the folders where the storage has such.
    /// - Throws: What the storage answers.
    package mutating func listing(
        of transport: any Transport,
        isComplete: Bool,
        now: () -> ContinuousClock.Instant = { .now }
    ) async throws(TransferError) -> Listing {
        let start = now()
        let isSettled = latestStart - firstEnd >= .seconds(2) && start - latestStart < .seconds(60)
        let known = isSettled && !isComplete ? latest : nil
        let listing = try await transport.listing(unlessChangedSince: known)
        if listing != latest { firstEnd = now() }
        if listing != known { latestStart = start }
        latest = listing
        return listing
    }
}
