// Serves site/dist until it is ended: `npm run site:preview`. PORT=8080 is the default
import { serveSite } from './serve.ts'

const { url } = await serveSite(Number(process.env['PORT'] ?? 8_080))
process.stdout.write(`${url}\n`)
