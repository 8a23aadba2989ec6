import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { root } from './root.ts'

export interface Diagnostic {
  /** The file, relative to the root. Empty if the compiler names none */
  file: string
  line: number
  /** The whole message of the compiler, without the position */
  message: string
}

/** The path of TypeScript's command line */
export const compiler = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))

/**
 * Returns the diagnostics of a project. The compiler runs as a process, because TypeScript 7 has no API
 *
 * @param flags further arguments of the compiler
 */
export async function typeCheck (project: string, flags: readonly string[] = []): Promise<Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const args = [compiler, '--project', project, '--noEmit', '--pretty', 'false', ...flags]

    execFile(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 }, (err, stdout, stderr) => {
      const diagnostics = parse(stdout)

      if (err != null && diagnostics.length === 0) {
        reject(new Error(`The compiler failed and named no error: ${stdout}${stderr}`, { cause: err }))
      } else {
        resolve(diagnostics)
      }
    })
  })
}

/** Parses the output of `tsc --pretty false`: one line for each error, with further lines indented */
export function parse (printed: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = []

  for (const line of printed.split(/\r?\n/)) {
    const head = /^(?:(?<file>\S.*)\((?<line>\d+),\d+\): )?(?<message>error TS\d+: .*)$/.exec(line)?.groups
    const latest = diagnostics.at(-1)

    if (head != null) {
      diagnostics.push({ file: head.file ?? '', line: Number(head.line ?? 0), message: head.message ?? '' })
    } else if (latest != null && line.trim() !== '') {
      latest.message += `\n${line}`
    }
  }

  return diagnostics
}
