import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

export interface ExplorerOptions {
  /** A development token for the header editor; handed to browsers on this machine alone. */
  token?: string;
  /** Default: who is responsible, in the seed county. */
  query?: string;
}

export const TITLE = 'DutyLedger 责任账本';

export const DEFAULT_QUERY = `# DutyLedger 责任账本
#
# 在这里写查询，按 ▶ 或 Ctrl-Enter 运行；左侧图标打开文档；访问令牌在下方 Headers 中。
# Write a query here and run it with ▶ or Ctrl-Enter; the icons on the left open the documentation;
# the access token is under Headers below.

query WhoIsResponsible($division: DivisionCode! = "370114000000", $text: String = "秸秆禁烧") {
  responsible(division: $division, text: $text) {
    divisionName
    effectiveAt
    matches {
      because
      lead {
        name
        duty
      }
      item {
        id
        code
        name
        basis {
          title
          article
        }
      }
    }
    searched {
      edition
    }
  }
}
`;

/** The page may talk to this server and to nothing else; the editor runs its workers from blobs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'unsafe-inline'",
  'worker-src blob:',
  "connect-src 'self' blob: data:",
  'img-src data:',
  'font-src data:',
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
const LOCAL_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

/** A browser on this machine that asked for it by a local name, so that no other site's script gets the token. */
const isLocal = ({ socket, headers }: IncomingMessage): boolean =>
  LOCAL_ADDRESS.test(socket.remoteAddress ?? '') && LOCAL_HOST.test(headers.host ?? '');

/** The page as one file: GraphiQL with its editor, workers, fonts and styles inside, nothing fetched from elsewhere. */
async function explorerPage({ token, query = DEFAULT_QUERY }: ExplorerOptions): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const headers = JSON.stringify(
    { ...(token ? { authorization: `Bearer ${token}` } : {}), 'accept-language': 'zh-CN' },
    null,
    2,
  );
  return renderGraphiQL({
    title: TITLE,
    endpoint: '/graphql',
    defaultQuery: query,
    headers,
    defaultHeaders: headers,
    shouldPersistHeaders: false,
    credentials: 'same-origin',
  });
}

/** Serves the page at `/`. */
export function explorerRoute(app: FastifyInstance, { token, ...options }: ExplorerOptions): void {
  app.get('/', async (request, reply) => {
    const page = await explorerPage(token && isLocal(request.raw) ? { ...options, token } : options);
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store')
      .send(page);
  });
}
