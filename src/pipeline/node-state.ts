/** Listens to a node while its dialer is attached */
export interface Listening {
  /** Removes its listeners */
  stop (): void
}

const states = new WeakMap<object, Map<unknown, Partial<Listening>>>()

/** Returns what a class keeps for a node, whatever its pipelines are: they come and go, and so would their listeners. Made when it is asked for first */
export function nodeState<N extends object, S extends object> (node: N, State: new (node: N) => S): S {
  const known = states.get(node) ?? new Map<unknown, Partial<Listening>>()
  const state = known.get(State) as S | undefined ?? new State(node)
  states.set(node, known.set(State, state))

  return state
}

/** Lets go of all that is kept for a node, and of the node */
export function stopNodeStates (node: object): void {
  states.get(node)?.forEach(state => state.stop?.())
  states.delete(node)
}
