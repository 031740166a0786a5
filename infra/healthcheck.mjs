// Ends with 0 when the process in this container can serve: for HEALTHCHECK in the Dockerfile.
const url = `http://127.0.0.1:${process.env.PORT}/readyz`;
const { ok } = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => ({ ok: false }));
process.exit(ok ? 0 : 1);
