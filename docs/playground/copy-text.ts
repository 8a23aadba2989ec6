/** Copies a text, even on a page without TLS, which has no clipboard API. Returns whether it succeeded */
export async function copyText (text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)

    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    // oxlint-disable-next-line typescript/no-deprecated -- nothing else works without TLS
    const isCopied = document.execCommand('copy')
    area.remove()

    return isCopied
  }
}
