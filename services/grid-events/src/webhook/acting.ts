import { mayActIn, requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import { type WebhookRow, webhooks } from './read-model.ts';
import { unknownWebhook } from './refusals.ts';

/** Who sees and who changes a webhook: whoever registered it, colleagues of the same organ, and administrators. */

type Ctx = Pick<GridEventsContext, 'caller' | 'grid'>;

const SEE_ALL = ['SYSTEM_ADMIN', 'AUDITOR', 'AUDIT_ADMIN'];

export function sees({ caller }: Pick<Ctx, 'caller'>, { owner, settings }: WebhookRow): boolean {
  const { subject, organ, roles } = caller;
  if (!mayActIn(caller, settings.division)) return false;
  if (roles.some((role) => SEE_ALL.includes(role))) return true;
  return (
    roles.includes('INTEGRATOR') && (owner.subject === subject || (organ !== null && owner.organ === organ))
  );
}

export async function visibleWebhook(context: Ctx, id: string): Promise<WebhookRow | undefined> {
  const row = await context.grid.projections.documents(webhooks).get(id);
  return row && sees(context, row) ? row : undefined;
}

/** The webhook, for whoever may change it. Throws NOT_FOUND, and NOT_PERMITTED where rights end elsewhere. */
export async function ownWebhook(context: GridEventsContext, id: string, field = 'id'): Promise<WebhookRow> {
  const row = await visibleWebhook(context, id);
  if (!row || row.status === 'REMOVED') throw refusalError({ ...unknownWebhook, field });
  requireDivision(context, row.settings.division, field);
  return row;
}
