// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Storage

/// The options that every command understands.
package struct GlobalOptions: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: ArgumentHelp(
            "The data directory (default: the environment's TALLYSTICK_DATA, or ./tallystick-data).",
            valueName: "dir"
        )
    )
    package var dataPath: String?

    @Flag(name: .customLong("json"), help: "Print the result as JSON.")
    package var wantsJSON = false

    package init() {}

    /// The data directory that the options, the environment or the default name.
    package var directory: DataDirectory {
        let environment = ProcessInfo.processInfo.environment["TALLYSTICK_DATA"]
        let path = dataPath ?? environment.flatMap { $0.isEmpty ? nil : $0 } ?? "tallystick-data"
        return DataDirectory(path: path)
    }

    /// Prints a command's result on standard output, for people or as JSON.
    ///
    /// - Parameter report: What to print.
    /// - Throws: `EncodingError` when the result can't be written as JSON.
    package func show(_ report: some Report) throws {
        if wantsJSON {
            print(try JSONText.encode(report))
        } else {
            print(report.text)
        }
        // A reader of a pipe or a log sees each report at once.
        fflush(nil)
    }
}
