/** The protocol id. Experimental: its frames may change between versions */
export const PROTOCOL = '/libp2p-dial-pipeline/stream-migration/0.1.0'

/** Maximum bytes of data in one frame. Larger frames cost less, smaller ones let a move begin sooner */
export const MAX_DATA_SIZE = 65_536

/** Maximum bytes of a frame after its length: the type and the body */
export const MAX_FRAME_SIZE = MAX_DATA_SIZE + 1

/** Maximum bytes of a protocol name, as in libp2p's multistream-select */
export const MAX_PROTOCOL_SIZE = 1_024
