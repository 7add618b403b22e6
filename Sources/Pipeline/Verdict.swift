/// What becomes of a packet.
public enum Verdict: Equatable, Sendable {
    /// No stage has decided. Never seen after a run.
    case pending
    /// The frame at `Burst.frame` with `Burst.frameLength` octets leaves by the port.
    case transmit(port: UInt16)
    case drop(DropReason)
    /// To the control process; `Burst.puntRecord` describes what goes there.
    case punt(PuntClass)
    /// Its fragments have left through the frame source; the frame itself is free.
    case fragmented
    /// Copies of it have left through the frame source, one or more; the frame itself is free, but for who refers to it.
    case replicated
}
