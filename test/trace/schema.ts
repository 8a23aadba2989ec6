import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

const schema = JSON.parse(readFileSync(new URL('../../docs/trace.schema.json', import.meta.url), 'utf8'))

const isValid = new Ajv2020({ allErrors: true }).compile(schema)

/** Returns what is wrong with a trace by the schema in the documentation. Empty: nothing */
export function faultsOf (trace: unknown): string[] {
  return isValid(JSON.parse(JSON.stringify(trace))) ? [] : (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
