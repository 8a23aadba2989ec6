// Bans each entry of a list. Guide: docs/guides/ban-peers.md
import type { Dialer } from 'libp2p-dial-pipeline'

export interface BanListInit {
  /** Duration of the bans in milliseconds */
  readonly for: number
  /** Called with each line that cannot be banned, and its error. The other lines are still banned */
  readonly onError: (line: string, error: unknown) => void
}

/**
 * Bans the peer id, IP address, CIDR range or multiaddr in each line of a text. `#` starts a comment. Closes open connections to
 * banned peers
 *
 * @returns the number of banned lines
 */
export async function banList (dialer: Pick<Dialer, 'ban'>, text: string, { for: ms, onError }: BanListInit): Promise<number> {
  const lines = text.split('\n').map(line => line.replace(/#.*/, '').trim()).filter(line => line !== '')

  const results = await Promise.allSettled(lines.map(async line => dialer.ban(line, { for: ms, sever: true })))

  results.forEach((result, i) => {
    if (result.status === 'rejected') {
      onError(lines[i] ?? '', result.reason)
    }
  })

  return results.filter(({ status }) => status === 'fulfilled').length
}
