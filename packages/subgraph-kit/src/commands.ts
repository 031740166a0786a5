import { randomUUID } from 'node:crypto';
import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { type CommandContext, commandIdOf } from '@dutyledger/event-store/handle-command';
import { limitExceeded, refusalError } from './errors.ts';
import type { Role } from './identity.ts';
import { type RequestContext, todayOf } from './request-context.ts';

/** The `ChangeInput` of common.graphql. */
export interface ChangeInput {
  reason: string;
  basis: readonly { title: string; article?: string | null; documentNumber?: string | null }[];
  onBehalfOf?: string | null;
  idempotencyKey?: string | null;
  correlationId?: string | null;
}

export interface CommandScope {
  /** 12-digit code of the division concerned. */
  division: string;
  /** Day from which the facts hold; today in China by default. */
  effectiveAt?: string | null;
  /** What the caller sent (see `CommandContext.content`). */
  content?: unknown;
  /** The role the act is done in; by default the one that entitled the caller to the mutation. */
  role?: Role;
}

const MAX_REASON = 2_000;
const MAX_KEY = 100;
const MAX_GROUNDS = 100;
const MAX_GROUND_TEXT = 500;

/** Every change says why and on what ground (domain.md, "Every event says"; 档案法实施条例 art. 39 on records). */
const everyEvent = (message: Text, field: string): Refusal => ({
  code: 'RULE_VIOLATED',
  message,
  rule: 'EVERY-EVENT',
  field,
  citation: { title: '中华人民共和国档案法实施条例', article: '第三十九条' },
});

const lengthOf = { 'zh-CN': '文本的字数', en: 'characters of a text' };

function assertLength(text: string, most: number, field: string): void {
  if (text.length > most) throw refusalError(limitExceeded(lengthOf, most, text.length, field));
}

function readReason(given: string): string {
  const reason = given.trim();
  if (reason === '') {
    throw refusalError(
      everyEvent(
        { 'zh-CN': '每项变更都必须说明理由。', en: 'Every change must give its reason.' },
        'change.reason',
      ),
    );
  }
  assertLength(reason, MAX_REASON, 'change.reason');
  return reason;
}

function readBasis(given: ChangeInput['basis']): Basis[] {
  if (given.length === 0) {
    throw refusalError(
      everyEvent(
        {
          'zh-CN': '每项变更都必须有依据：法律条款或文号。',
          en: 'Every change must rest on a ground: a law with its article, or a document with its number.',
        },
        'change.basis',
      ),
    );
  }
  if (given.length > MAX_GROUNDS) {
    const what = { 'zh-CN': '依据的条数', en: 'grounds' };
    throw refusalError(limitExceeded(what, MAX_GROUNDS, given.length, 'change.basis'));
  }
  return given.map((ground, i) => readGround(ground, `change.basis[${i}]`));
}

function readGround(ground: ChangeInput['basis'][number], field: string): Basis {
  const title = ground.title.trim();
  if (title === '') {
    throw refusalError(
      everyEvent(
        { 'zh-CN': '依据必须写明法律或文件的名称。', en: 'A ground must name the law or document.' },
        `${field}.title`,
      ),
    );
  }
  const article = ground.article?.trim();
  const documentNumber = ground.documentNumber?.trim();
  for (const [name, text] of Object.entries({ title, article, documentNumber })) {
    if (text) assertLength(text, MAX_GROUND_TEXT, `${field}.${name}`);
  }
  return { title, ...(article ? { article } : {}), ...(documentNumber ? { documentNumber } : {}) };
}

/** An optional text of 1 to `MAX_KEY` characters. */
function readKey(given: string | null | undefined, field: string): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (given.trim() === '') {
    throw refusalError({
      code: 'INVALID_INPUT',
      message: { 'zh-CN': `${field} 不能为空。`, en: `${field} must not be blank.` },
      field,
    });
  }
  assertLength(given, MAX_KEY, field);
  return given;
}

/**
 * What surrounds the command of a mutation, out of the request and its `change`. `operation` is the mutation's name.
 * Throws RULE_VIOLATED (EVERY-EVENT) without reason or basis, INVALID_INPUT and LIMIT_EXCEEDED for unfit texts.
 */
export function commandContext(
  context: RequestContext,
  operation: string,
  change: ChangeInput,
  { division, effectiveAt, content, role = context.actingAs ?? undefined }: CommandScope,
): CommandContext {
  if (!role) throw new Error(`${operation}: outside a root field the role must be given`);
  const { subject, name, organ } = context.caller;
  const reason = readReason(change.reason);
  const basis = readBasis(change.basis);
  const key = readKey(change.idempotencyKey, 'change.idempotencyKey');
  const onBehalfOf = readKey(change.onBehalfOf, 'change.onBehalfOf');
  const commandId = key === undefined ? randomUUID() : commandIdOf(subject, operation, key);
  return {
    commandId,
    ...(content === undefined ? {} : { content }),
    actor: { subject, name, organ, role },
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    reason,
    basis,
    correlationId: readKey(change.correlationId, 'change.correlationId') ?? context.correlationId,
    causationId: commandId,
    division,
    effectiveAt: effectiveAt ?? todayOf(context),
  };
}
