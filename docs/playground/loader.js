// A classic script, because a page from disk cannot load modules. The page runs it, and passes its text to the frames
function loadModules (modules) {
  const imports = Object.fromEntries(Object.entries(modules).map(([name, text]) => [name, URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))]))
  const map = document.createElement('script')
  map.type = 'importmap'
  map.textContent = JSON.stringify({ imports })
  document.head.append(map)
}

// Runs in a frame, which gets one order
// oxlint-disable-next-line eslint/no-unused-vars -- the frame calls it
function answerOrders () {
  addEventListener('message', ({ data: { modules, order } }) => {
    loadModules(modules)
    void import('playground/sandbox').then(async ({ run }) => run(order)).then(answer => { parent.postMessage(answer, '*') })
  }, { once: true })
  parent.postMessage({ isReady: true }, '*')
}
