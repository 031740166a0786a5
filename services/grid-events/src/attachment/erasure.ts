import type { BlobStore } from '@dutyledger/blobs/blob-store';
import type { Vault } from '@dutyledger/personal-data/vault';
import type { Again } from '../reporter/erasure.ts';
import { attachments } from './read-model.ts';

const PAGE = 500;

/** Bytes and keys of files that were erased: gone again, should a back-up have brought them back. */
export const erasedFiles =
  (blobs: BlobStore, vault: Vault | null): Again =>
  async (projections, signal) => {
    for (let after: string | undefined; !signal.aborted; ) {
      const page = await projections.documents(attachments).find({
        index: 'byStatus',
        where: { status: 'ERASED' },
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const { id } of page.rows) await blobs.delete(id);
      await vault?.destroy(page.rows.flatMap(({ doc }) => doc.file.key ?? []));
      after = page.rows.at(-1)?.cursor;
      if (!page.more || after === undefined) return;
    }
  };
