import { element } from '../../src/trace/svg-text.ts'

const LIGHT = '--ink:#1f2328;--dim:#59636e;--grid:#d1d9e0;--back:#fff;--box:#f6f8fa;--good:#1a7f37;--bad:#cf222e;--quiet:#8c959f;--accent:#0969da'
const DARK = '--ink:#e6edf3;--dim:#9198a1;--grid:#3d444d;--back:#0d1117;--box:#151b23;--good:#3fb950;--bad:#f85149;--quiet:#6e7681;--accent:#58a6ff'

const STYLE = `<style>
svg{${LIGHT}}
@media (prefers-color-scheme:dark){svg{${DARK}}}
text{font:15px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:var(--ink)}
.back{fill:var(--back)}
.bold{font-weight:600}
.big{font-size:17px}
.small{font-size:13.5px}
.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
.dim{fill:var(--dim)}
.grid{stroke:var(--grid)}
.box{fill:var(--box);stroke:var(--grid)}
.good{fill:var(--good)}
.bad{fill:var(--bad)}
.quiet{fill:var(--quiet)}
.accent{fill:var(--accent)}
.line{stroke:var(--dim);stroke-width:1.6;fill:none}
.loop{stroke:var(--accent);stroke-width:1.6;fill:none}
</style>`

interface PictureInit {
  readonly width: number
  readonly height: number
  /** The text for screen readers */
  readonly label: string
}

/** Returns an SVG document for light and dark pages */
export function picture ({ width, height, label }: PictureInit, parts: readonly string[]): string {
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label }, [
    STYLE,
    element('rect', { width, height, rx: 8, class: 'back' }),
    ...parts
  ].join('\n'))
}
