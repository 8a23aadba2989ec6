/** Runs a program in this process. Returns the lines that it prints */
export async function linesOf (program: URL): Promise<string[]> {
  const lines: string[] = []
  const { log } = console
  console.log = (...values: unknown[]) => { lines.push(values.join(' ')) }

  try {
    await import(program.href)
  } finally {
    console.log = log
  }

  return lines
}
