// `npm ci` runs this last. npm may run on an older Node.js than the package needs
const [, ofNpm = process.versions.node] = /\bnode\/v(\S+)/.exec(process.env.npm_config_user_agent ?? '') ?? []

if (ofNpm !== process.versions.node) {
  process.stdout.write(`npm runs on Node.js ${ofNpm}. The commands of this checkout run on Node.js ${process.versions.node} from node_modules.\n`)
}
