// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import CMalloc
#endif

/// The memory of this process.
package enum ProcessMemory {
    /// Lets all threads take memory from one heap; call this before other threads begin.
    ///
    /// By default glibc gives threads heaps of their own, and what one thread frees of another's stays with that one.
    /// Since batches and sets of IDs go from thread to thread, these heaps grow to several times what is in use.
    package static func shareOneHeap() {
        #if canImport(Glibc)
            mallopt(M_ARENA_MAX, 1)
        #endif
    }
}
