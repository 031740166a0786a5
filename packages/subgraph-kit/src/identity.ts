import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';

/** What a caller may be; the `Role` enum of common.graphql. */
export const ROLES = [
  'LIST_EDITOR',
  'LIST_PUBLISHER',
  'LEGALITY_REVIEWER',
  'COUNTY_APPROVER',
  'ORGAN_REGISTRAR',
  'AUDITOR',
  'INTEGRATOR',
  'TOWN_OPERATOR',
  'DEPARTMENT_OFFICER',
  'GRID_WORKER',
  'GRID_MANAGER',
  'COUNTY_OPERATOR',
  'INSPECTOR',
  'PERSONAL_DATA_READER',
  'SYSTEM_ADMIN',
  'SECURITY_ADMIN',
  'AUDIT_ADMIN',
] as const;
export type Role = (typeof ROLES)[number];

/** Who calls: the claims of a verified token. */
export interface Caller {
  subject: string;
  name: string;
  /** Organ id, or null for people who act for no registered organ. */
  organ: string | null;
  /** 12-digit division code that the caller's rights end at; 000000000000 is the whole country. */
  division: string;
  /** At least one. */
  roles: readonly Role[];
}

export type Verified =
  /** `expiresAt`: when the token ends, in milliseconds since 1970. */
  { ok: true; caller: Caller; expiresAt: number } | { ok: false; refusal: Refusal };

/** Turns an `Authorization` header into a caller or an UNAUTHENTICATED refusal that says what is wrong with it. */
export interface CallerVerifier {
  /** True for verifiers that must not guard a production server. */
  readonly development: boolean;
  verify(authorization: string | undefined): Promise<Verified>;
}

type Reason =
  | 'missing'
  | 'malformed'
  | 'unsigned'
  | 'forged'
  | 'expired'
  | 'not-yet'
  | 'audience'
  | 'issuer'
  | 'role'
  | 'claims';

const messages: Record<Reason, Text> = {
  missing: {
    'zh-CN': '缺少访问令牌：请在 Authorization 请求头中以“Bearer <令牌>”给出。',
    en: 'No access token: send it in the Authorization header as "Bearer <token>".',
  },
  malformed: {
    'zh-CN': '访问令牌格式不正确：应为“Bearer <JWT>”。',
    en: 'The access token is malformed: expected "Bearer <JWT>".',
  },
  unsigned: {
    'zh-CN': '访问令牌没有签名（alg: none），不予接受。',
    en: 'The access token is unsigned (alg: none) and is not accepted.',
  },
  forged: {
    'zh-CN': '访问令牌的签名无法验证：令牌被改动，或由未知密钥签发。',
    en: "The access token's signature does not verify: it was altered or signed with an unknown key.",
  },
  expired: {
    'zh-CN': '访问令牌已过期，请重新获取。',
    en: 'The access token has expired; get a new one.',
  },
  'not-yet': {
    'zh-CN': '访问令牌尚未生效。',
    en: 'The access token is not valid yet.',
  },
  audience: {
    'zh-CN': '访问令牌不是发给本系统的（aud 不符）。',
    en: 'The access token is for another audience (aud).',
  },
  issuer: {
    'zh-CN': '访问令牌由其他签发方签发（iss 不符）。',
    en: 'The access token is from another issuer (iss).',
  },
  role: {
    'zh-CN': '访问令牌没有可识别的角色（roles）。',
    en: 'The access token carries an unknown role, or none (roles).',
  },
  claims: {
    'zh-CN': '访问令牌缺少必要内容或内容有误',
    en: 'The access token lacks a claim or carries a wrong one',
  },
};

function unauthenticated(reason: Reason, claim?: string): { ok: false; refusal: Refusal } {
  const text = messages[reason];
  const message = claim ? { 'zh-CN': `${text['zh-CN']}：${claim}。`, en: `${text.en}: ${claim}.` } : text;
  return { ok: false, refusal: { code: 'UNAUTHENTICATED', message, details: { reason } } };
}

const isRole = (value: unknown): value is Role => ROLES.includes(value as Role);
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 200;

/** Reads the caller out of verified claims: sub, name, organ, division, roles. */
function callerOf(claims: JWTPayload): Verified {
  const { sub, name, organ, division, roles, exp = 0 } = claims;
  if (!isText(sub)) return unauthenticated('claims', 'sub');
  if (!isText(name)) return unauthenticated('claims', 'name');
  if (organ !== undefined && organ !== null && !isText(organ)) return unauthenticated('claims', 'organ');
  if (typeof division !== 'string' || !/^\d{12}$/.test(division)) {
    return unauthenticated('claims', 'division');
  }
  if (!Array.isArray(roles) || roles.length === 0 || !roles.every(isRole)) return unauthenticated('role');
  const caller = { subject: sub, name, organ: organ ?? null, division, roles };
  return { ok: true, caller, expiresAt: exp * 1000 };
}

/** The token of a `Bearer` header, after the checks that need no key. */
function bearerToken(authorization: string | undefined): string | { ok: false; refusal: Refusal } {
  if (authorization === undefined || authorization.trim() === '') return unauthenticated('missing');
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization.trim())?.[1];
  if (token === undefined) return unauthenticated('malformed');
  try {
    const header = JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString());
    if (String(header.alg).toLowerCase() === 'none' || token.endsWith('.'))
      return unauthenticated('unsigned');
  } catch {
    return unauthenticated('malformed');
  }
  return token;
}

function refusalOf(error: unknown): { ok: false; refusal: Refusal } {
  if (error instanceof errors.JWTExpired) return unauthenticated('expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return unauthenticated('audience');
    if (error.claim === 'iss') return unauthenticated('issuer');
    if (error.claim === 'nbf') return unauthenticated('not-yet');
    return unauthenticated('claims', error.claim);
  }
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JOSENotSupported
  ) {
    return unauthenticated('forged');
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return unauthenticated('malformed');
  }
  return {
    ok: false,
    refusal: {
      code: 'UNAVAILABLE',
      message: {
        'zh-CN': '暂时无法验证访问令牌：取不到签发方的公钥，请稍后重试。',
        en: "The access token cannot be checked now: the issuer's keys are out of reach. Try again later.",
      },
    },
  };
}

/** How long a verified token is taken for good without a second look, and how many are remembered. */
const REMEMBER_MS = 30_000;
const REMEMBERED = 1_000;

/**
 * A verifier over `jose`: issuer, audience, signature and expiry are checked, then the claims are read. A token that
 * was found good is remembered for 30 seconds, at most until it expires: checking signatures costs as much as a small
 * query, and a caller's requests come with the same token. A key that is withdrawn counts for so much longer.
 */
export function jwtVerifier(
  key: JWTVerifyGetKey,
  options: Required<Pick<JWTVerifyOptions, 'issuer' | 'audience' | 'algorithms'>> & { development: boolean },
): CallerVerifier {
  const { development, ...checks } = options;
  const remembered = new Map<string, { verified: Verified; until: number }>();
  const remember = (authorization: string, verified: Verified, expiresAt: number): void => {
    const [oldest] = remembered.size >= REMEMBERED ? remembered.keys() : [];
    if (oldest !== undefined) remembered.delete(oldest);
    remembered.set(authorization, { verified, until: Math.min(Date.now() + REMEMBER_MS, expiresAt) });
  };
  return {
    development,
    async verify(authorization = '') {
      const known = remembered.get(authorization);
      if (known && Date.now() < known.until) return known.verified;
      remembered.delete(authorization);
      const token = bearerToken(authorization);
      if (typeof token !== 'string') return token;
      try {
        const { payload } = await jwtVerify(token, key, { ...checks, requiredClaims: ['exp'] });
        const verified = callerOf(payload);
        if (verified.ok) remember(authorization, verified, verified.expiresAt);
        return verified;
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** Production servers refuse keys that anyone with access to a data directory can sign with. */
export function assertFitForProduction(verifier: CallerVerifier, production: boolean): void {
  if (production && verifier.development) {
    throw new Error(
      '生产环境不能使用开发令牌签发器：请配置 OIDC（issuer、audience）。 / The development token issuer must not guard a production server: configure OIDC (issuer, audience).',
    );
  }
}
