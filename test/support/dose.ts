/** The least that a tenth leaves of a number */
const LEAST = 20

/** Returns how many random cases or rounds a test runs: `all` in `npm run test:all`, `few` in `npm test` */
export function dose (all: number, few = Math.min(all, Math.max(LEAST, Math.ceil(all / 10)))): number {
  return process.env['TEST_DOSE'] === 'all' ? all : few
}
