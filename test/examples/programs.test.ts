import test from 'ava'

/** Output of each example. Times, ports and peer ids differ between runs */
const OUTPUT: Readonly<Record<string, RegExp>> = {
  'live-view': /^dial 12D3KooW.*2 addresses, 2 attempts, connected in \d+ ms\n {2}from-caller .*\n {2}\/ip4\/127\.0\.0\.1\/tcp\/1 .*failed: refused\n.*CONNECTED/m,
  metrics: /^libp2p_dial_pipeline_dials_total\{outcome="connected"\} 1\nlibp2p_dial_pipeline_attempts_total\{outcome="connected"\} 1$/,
  explain: /^\/ip4\/127\.0\.0\.1\/tcp\/1 \(user\) .*ECONNREFUSED.*\n.*\/tcp\/2 \(user\) dropped by gater: .*\n.*\/quic-v1 \(user\) dropped by dialable: no transport\ntrue$/,
  fallback: /^open\nfrom-caller > .* > fallback > .*$/,
  converge: /^ws -> tcp\ntcp\nopen$/,
  gossipsub: /^hello\nconnected bootstrap$/,
  'lodestar-shaped': /^tcp connected\nquic-v1 dropped by dialable$/
}

/** Runs an example in this process. Returns the printed lines */
async function outputOf (name: string): Promise<string> {
  const lines: string[] = []
  const { log } = console
  console.log = (...values: unknown[]) => { lines.push(values.join(' ')) }

  try {
    await import(`../../examples/${name}.ts`)
  } finally {
    console.log = log
  }

  return lines.join('\n')
}

for (const [name, expected] of Object.entries(OUTPUT)) {
  test.serial(`examples/${name}.ts prints the results of its dials`, async t => {
    t.regex(await outputOf(name), expected)
  })
}
