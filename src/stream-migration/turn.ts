import type { Leg } from './leg.ts'

/** What an end has to do with a move of its stream, one at a time */
export type Turn =
  | { readonly kind: 'steady' }
  /** It has asked, or is about to. Nothing has happened to the stream yet */
  | Proposal
  /** It has agreed, and goes over as soon as the other end has */
  | { readonly kind: 'accepted', readonly leg: Leg }
  /** It writes to the new connection, and reads from the old one until the other end has gone over too */
  | { readonly kind: 'moving', readonly moved: PromiseWithResolvers<void> }

export interface Proposal {
  readonly kind: 'proposing'
  /** Aborts when there is nothing to propose any more */
  readonly controller: AbortController
}

export const STEADY: Turn = { kind: 'steady' }
