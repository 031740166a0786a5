// Plain JavaScript that old versions run as well, loaded before anything in TypeScript: says what is missing, in words.
const NEEDED = 24;
const { node } = process.versions;
if (Number(node.split('.')[0]) < NEEDED) {
  process.stderr.write(
    `需要 Node.js ${NEEDED} 或更新版本，现为 ${node}。在 x64 或 arm64 的 Linux 上，npm ci 会带来 Node ${NEEDED}，请用 npm 或 npx 启动；其他系统请先安装 Node ${NEEDED}。\n` +
      `Node.js ${NEEDED} or newer is needed, this is ${node}. On x64 or arm64 Linux npm ci brings Node ${NEEDED} along: start with npm or npx. Elsewhere install Node ${NEEDED} first.\n`,
  );
  process.exit(1);
}
