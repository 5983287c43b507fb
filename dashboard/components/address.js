// Completes the address with what is being shown, in place: whoever copies it, or comes back to it
// with Back, sees the same again. Written from Python, it would be a further step to go back.

export default function ({ data }) {
  const address = new URL(window.location.href);
  if (address.pathname.split("/").pop() !== data.page) return;
  for (const [name, value] of Object.entries(data.params)) address.searchParams.set(name, value);
  if (address.href !== window.location.href) {
    window.history.replaceState(window.history.state, "", address);
  }
}
