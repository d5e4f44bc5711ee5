// SPDX-License-Identifier: Apache-2.0

extension OutboundTemplate {
    /// The template of a destination that has none of its own: `ID SEG,SEG,…[ REMOVED,…]`, readable by
    /// ``OutboundLineParser``.
    ///
    /// It serves both modes: in a full file nobody is removed, so no second list is written.
    ///
    /// - Parameters:
    ///   - key: what the IDs in front are.
    ///   - hasAlias: whether the file names have the destination's alias.
    /// - Returns: a template without a header.
    package static func standard(key: OutboundValues.Key, hasAlias: Bool) -> OutboundTemplate {
        let id =
            switch key {
            case .declaredID: "<DP_UUID>"
            case .visitorID: "<MCID>"
            }
        let alias = hasAlias ? "_<PID_ALIAS>" : ""
        do {
            return try OutboundTemplate(
                fileName:
                    "<SYNC_TYPE>_<ORDER_ID>_<MASTER_DPID>\(alias)_<SYNC_MODE>_<TIMESTAMP>SPLITNUM.sync",
                content: id + #" <SEGMENT_LIST; separator=","><if(REMOVED_SEGMENT_LIST)> "#
                    + #"<REMOVED_SEGMENT_LIST; separator=","><endif>"#
            )
        } catch {
            preconditionFailure("the standard template follows the grammar")
        }
    }
}
