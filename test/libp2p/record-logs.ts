import type { ComponentLogger } from '@libp2p/interface'

/** Returns a logger for a node, and the lines of the scopes whose names begin with one of `names` */
export function recordLogs (...names: string[]): { logger: ComponentLogger, lines: string[] } {
  const lines: string[] = []
  const forComponent = (name: string): any => {
    const say = (...args: unknown[]): void => {
      if (names.some(one => name.startsWith(one))) {
        lines.push(args.reduce<string>((text, arg) => text.replace(/%[a-z]/, String(arg)), String(args.shift())))
      }
    }

    return Object.assign(say, { enabled: true, trace: say, error: say, newScope: (scope: string) => forComponent(`${name}:${scope}`) })
  }

  return { logger: { forComponent }, lines }
}
