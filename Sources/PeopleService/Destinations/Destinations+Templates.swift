// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import GRDB
import Matching
import Problems
import Storage

extension Destinations {
    /// Refuses a template, or another key, under which files could not take back whom the receiver has.
    ///
    /// - Parameters:
    ///   - destination: The destination as it shall be.
    ///   - old: The destination as it is.
    ///   - isSilent: Whether the receiver may keep the members that it has under other IDs.
    ///   - database: The database.
    /// - Returns: What follows from the change that somebody should know.
    /// - Throws: ``Problem`` of kind `people.template-refused` or `people.destination-in-use`.
    func changeForm(
        _ destination: Destination,
        of old: Destination,
        isSilent: Bool,
        in database: Database
    ) throws -> [String] {
        let form = try OutboundForm(destination, in: database)
        try form.confirmNamesIDs()
        var consequences: [String] = []
        if destination.keyDataSource != old.keyDataSource {
            consequences = try leaveBehind(
                destination,
                "under the IDs of its data source",
                "of another one",
                field: "key-data-source",
                isSilent: isSilent,
                in: database
            )
        } else if try OutboundForm.isMisnaming(old, in: database) {
            consequences = try leaveBehind(
                destination,
                "that its template names by other IDs than those of its data source",
                "with the new one",
                field: "template",
                isSilent: isSilent,
                in: database
            )
        }
        try confirmTakesBack(form, destination, in: database)
        // What could not be written before may be now.
        try DestinationStore().setUnwritten(.empty, of: destination.number, in: database)
        return consequences
    }

    /// Leaves the receiver what no file can take back any more; all members come under the right IDs then.
    private func leaveBehind(
        _ destination: Destination,
        _ names: String,
        _ file: String,
        field: String,
        isSilent: Bool,
        in database: Database
    ) throws -> [String] {
        let number = destination.number
        if let plan = try OutboundPlanStore().plan(of: number, in: database) {
            throw Problem(
                .destinationInUse,
                "Files of destination \(number) wait for its account (receipt P\(plan.receipt)).",
                advice: "Have them sent by `tallystick people sync` first.",
                field: field
            )
        }
        let sent = try DestinationStore().sentCount(of: number, in: database)
        guard sent > 0 else { return [] }
        guard isSilent else {
            throw Problem(
                .destinationInUse,
                "The receiver of destination \(number) has \(sent) members \(names), which no file \(file) could take back.",
                advice:
                    "Make another destination; or unmap the segments and sync first; or leave them there with --silently.",
                field: field
            )
        }
        try DestinationStore().forgetSent(of: number, in: database)
        return [
            "The receiver keeps \(sent) members under the old IDs, and hears no more of them; "
                + "the next file brings all members under the IDs of data source \(destination.keyDataSource)."
        ]
    }

    /// Refuses a form that can't write IDs that the receiver has, or that files which wait bring.
    private func confirmTakesBack(_ form: OutboundForm, _ destination: Destination, in database: Database)
        throws
    {
        let store = DestinationStore()
        var held = MemberSet.union(of: try Array(store.doubtful(of: destination.number, in: database).values))
        for mapping in try store.mappings(of: destination.number, in: database) {
            held = held.union(try store.sent(mapping.segment, to: destination.number, in: database))
        }
        if let plan = try OutboundPlanStore().plan(of: destination.number, in: database) {
            let waiting = try OutboundPlanStore().sets(of: plan, in: database)
            held = MemberSet.union(of: [held] + waiting.values)
        }
        guard !held.isEmpty else { return }
        let values = form.values(.iter, at: service.world.milliseconds)
        let renderer = try LineRenderer(form.template, values: values, segments: [])
        var count = 0
        try IDStore().forEach(of: held, in: database) { _, _, text in
            if renderer.problem(of: text) != .none { count += 1 }
        }
        guard count == 0 else {
            throw Problem(
                .destinationInUse,
                """
                The receiver of destination \(destination.number) has \(count) IDs that hold what ends an ID in the \
                template, so that no file could take them back.
                """,
                advice: "Use a separator that no ID holds, as <TAB>.",
                field: "template"
            )
        }
    }
}
