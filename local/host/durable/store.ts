/**
 * The durable state in SQLite: instances, their append-only histories, the inbox of messages (with the time when they
 * are due) and the activities to run. All of an episode is written in one transaction by the engine.
 *
 * `synchronous = NORMAL` with a write-ahead log: a commit is handed to the operating system before it returns, so the
 * death of the process, at any point, loses nothing that was answered or acted upon. Only a loss of power may take the
 * last commits (never half of one), which is fit for a host that never leaves a developer's machine and saves an fsync
 * per episode. Source: https://www.sqlite.org/pragma.html#pragma_synchronous
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import Database from 'libsql';
import { noWatch, type Watch } from '../deeds';
import type { HistoryEvent } from './history';

export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** Completed, Failed or Terminated: nothing more will happen. */
export function isFinished(status: RuntimeStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}

interface Parent {
  instanceId: string;
  executionId: string;
  taskId: number;
}

/** One orchestration instance. `input`, `output` and `customStatus` are JSON texts; times are ms. */
export interface Instance {
  instanceId: string;
  executionId: string;
  name: string;
  version: string | null;
  status: RuntimeStatus;
  input: string;
  output: string | null;
  customStatus: string | null;
  parent: Parent | null;
  createdTime: number;
  updatedTime: number;
}

/** A message for an instance; it is delivered once its time has come. `executionId` null: for any execution. */
export interface Message {
  id: number;
  executionId: string | null;
  dueTime: number;
  event: HistoryEvent;
}

/** An activity to run. `input` is the JSON text for the function, null when it was called without one. */
export interface WorkItem {
  id: number;
  instanceId: string;
  executionId: string;
  taskId: number;
  name: string;
  input: string | null;
  /** Until when it belongs to a host that took it, in ms; 0 if none has. */
  invisibleUntil: number;
}

export interface InstanceFilter {
  createdFrom?: number;
  createdTo?: number;
  statuses?: string[];
  idPrefix?: string;
  /** Only ids after this one. */
  after?: string;
  limit: number;
}

/** What is kept of a timer trigger; times in ISO 8601. */
export interface ScheduleStatus {
  last: string;
  next: string;
  lastUpdated: string;
}

const schema = `
CREATE TABLE IF NOT EXISTS instances (
  instance_id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
  input TEXT NOT NULL, output TEXT, custom_status TEXT, parent TEXT,
  created_time INTEGER NOT NULL, updated_time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
  instance_id TEXT NOT NULL, sequence INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT, due_time INTEGER NOT NULL,
  timer_id INTEGER, event TEXT NOT NULL, invisible_until INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance_id, due_time);
CREATE INDEX IF NOT EXISTS inbox_by_due_time ON inbox (due_time);
CREATE TABLE IF NOT EXISTS work (
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL,
  task_id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT, invisible_until INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS work_by_instance ON work (instance_id);
CREATE TABLE IF NOT EXISTS schedules (
  function_name TEXT PRIMARY KEY, last TEXT NOT NULL, next TEXT NOT NULL, last_updated TEXT NOT NULL
) WITHOUT ROWID;
`;

interface PendingWrite {
  execute: () => void;
  settle: () => void;
  fail: (error: Error) => void;
}

export type Store = ReturnType<typeof openStore>;

/**
 * Opens (or creates) `durable.db` in an existing folder. Throws when the file cannot be opened. `watch` is told of every
 * commit, and may close the store.
 */
export function openStore(folder: string, watch: Watch = noWatch) {
  const database = new Database(path.join(folder, 'durable.db'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  // Checkpoints are the only moments that wait for the disk; at 40 MB of log instead of 4 they are rare.
  database.pragma('wal_autocheckpoint = 10000');
  database.exec(schema);
  for (const table of ['inbox', 'work']) {
    const columns = database.prepare(`PRAGMA table_info(${table})`).all() as { name: string }[];
    // A file that an earlier host has made.
    if (columns.every(({ name }) => name !== 'invisible_until'))
      database.exec(`ALTER TABLE ${table} ADD COLUMN invisible_until INTEGER NOT NULL DEFAULT 0`);
  }

  const statements = new Map<string, Database.Statement>();
  function prepared(sql: string): Database.Statement {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }
  function run(sql: string, ...values: unknown[]): Database.RunResult {
    return prepared(sql).run(values);
  }
  function rows(sql: string, ...values: unknown[]): Record<string, unknown>[] {
    return prepared(sql).all(values) as Record<string, unknown>[];
  }

  function row(sql: string, ...values: unknown[]): Record<string, unknown> | undefined {
    return prepared(sql).get(values) as Record<string, unknown> | undefined;
  }
  function instance(instanceId: string): Instance | undefined {
    const found = row('SELECT * FROM instances WHERE instance_id = ?', instanceId);
    return found && instanceOf(found);
  }

  /** Removes the instance with its history, messages and queued activities. Returns whether it was there. */
  function deleteInstance(instanceId: string): boolean {
    for (const table of ['history', 'inbox', 'work']) run(`DELETE FROM ${table} WHERE instance_id = ?`, instanceId);
    return run('DELETE FROM instances WHERE instance_id = ?', instanceId).changes > 0;
  }

  const pending: PendingWrite[] = [];
  let isOpen = true;

  function inTransaction(writes: () => void): void {
    run('BEGIN IMMEDIATE');
    try {
      writes();
      run('COMMIT');
    } catch (error) {
      run('ROLLBACK');
      throw error;
    }
  }

  /** Commits everything that came together in one transaction; when that fails, each write alone. */
  function flush(): void {
    if (!isOpen) return;
    const writes = pending.splice(0);
    watch('before', 'commit');
    if (!isOpen) return;
    try {
      inTransaction(() => writes.forEach((write) => write.execute()));
    } catch {
      for (const write of writes) commitAlone(write);
      return;
    }
    watch('after', 'commit');
    if (!isOpen) return;
    for (const write of writes) write.settle();
  }

  /** After a commit of several together has failed; that is no deed that is watched. */
  function commitAlone(write: PendingWrite): void {
    try {
      inTransaction(() => write.execute());
    } catch (error) {
      write.fail(error as Error);
      return;
    }
    write.settle();
  }

  return {
    /**
     * Runs `write` within a transaction: all of it is kept, or nothing. What is asked for at the same time is committed
     * together, so that many instances cost one commit; hence `write` must read for itself what it decides upon, and
     * may run twice. Resolves after the commit, rejects with what `write` throws; never settles once the store is closed.
     */
    commit<T>(write: () => T): Promise<T> {
      return new Promise((resolve, reject) => {
        let result: T;
        if (pending.length === 0) setImmediate(flush);
        pending.push({
          execute: () => (result = write()),
          settle: () => resolve(result),
          fail: reject,
        });
      });
    },

    instance,

    instances(filter: InstanceFilter): Instance[] {
      const statuses = filter.statuses ?? [];
      const found = rows(
        `SELECT * FROM instances WHERE instance_id > ? AND created_time >= ? AND created_time <= ?
         AND (? = 0 OR status IN (SELECT value FROM json_each(?))) AND substr(instance_id, 1, length(?)) = ?
         ORDER BY instance_id LIMIT ?`,
        ...[filter.after ?? '', filter.createdFrom ?? 0, filter.createdTo ?? Number.MAX_SAFE_INTEGER],
        ...[statuses.length, JSON.stringify(statuses), filter.idPrefix ?? '', filter.idPrefix ?? '', filter.limit],
      );
      return found.map(instanceOf);
    },

    /** Makes or replaces the instance; whatever an instance of that id left behind is removed. */
    putNewInstance(given: Omit<Instance, 'executionId'>): Instance {
      if (instance(given.instanceId)) deleteInstance(given.instanceId);
      const created = { ...given, executionId: randomUUID().replaceAll('-', '') };
      const { instanceId, executionId, name, version, status, input, output, customStatus, parent } = created;
      run(
        'INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ...[instanceId, executionId, name, version, status, input, output, customStatus],
        ...[parent && JSON.stringify(parent), created.createdTime, created.updatedTime],
      );
      return created;
    },

    updateInstance(changed: Instance): void {
      run(
        `UPDATE instances SET execution_id = ?, status = ?, input = ?, output = ?, custom_status = ?, updated_time = ?
         WHERE instance_id = ?`,
        ...[changed.executionId, changed.status, changed.input, changed.output, changed.customStatus],
        ...[changed.updatedTime, changed.instanceId],
      );
    },

    deleteInstance,

    history(instanceId: string): HistoryEvent[] {
      return rows('SELECT event FROM history WHERE instance_id = ? ORDER BY sequence', instanceId).map(
        (row) => JSON.parse(row.event as string) as HistoryEvent,
      );
    },

    appendHistory(instanceId: string, from: number, events: HistoryEvent[]): void {
      events.forEach((event, index) => {
        run('INSERT INTO history VALUES (?, ?, ?)', instanceId, from + index, JSON.stringify(event));
      });
    },

    deleteHistory(instanceId: string): void {
      run('DELETE FROM history WHERE instance_id = ?', instanceId);
    },

    putMessage(instanceId: string, message: Omit<Message, 'id'>): void {
      const { executionId, dueTime, event } = message;
      const timerId = 'TimerId' in event ? event.TimerId : null;
      run(
        'INSERT INTO inbox (instance_id, execution_id, due_time, timer_id, event) VALUES (?, ?, ?, ?, ?)',
        ...[instanceId, executionId, dueTime, timerId, JSON.stringify(event)],
      );
    },

    /** The messages that are due at `time`, in the order in which they became due. */
    dueMessages(instanceId: string, time: number): Message[] {
      return rows(
        'SELECT id, execution_id, due_time, event FROM inbox WHERE instance_id = ? AND due_time <= ? ORDER BY due_time, id',
        ...[instanceId, time],
      ).map((row) => ({
        id: row.id as number,
        executionId: row.execution_id as string | null,
        dueTime: row.due_time as number,
        event: JSON.parse(row.event as string) as HistoryEvent,
      }));
    },

    deleteMessage(id: number): void {
      run('DELETE FROM inbox WHERE id = ?', id);
    },

    deleteMessagesOf(instanceId: string): void {
      run('DELETE FROM inbox WHERE instance_id = ?', instanceId);
    },

    deleteTimer(instanceId: string, timerId: number): void {
      run('DELETE FROM inbox WHERE instance_id = ? AND timer_id = ?', instanceId, timerId);
    },

    /** The instances that have messages due at `time`. */
    instancesWithDueMessages(time: number): string[] {
      return rows('SELECT DISTINCT instance_id FROM inbox WHERE due_time <= ?', time).map(
        (row) => row.instance_id as string,
      );
    },

    /** When the first message after `time` is due, of all or of one instance's. */
    nextDueTime(time: number, instanceId?: string): number | undefined {
      const found =
        instanceId === undefined
          ? row('SELECT MIN(due_time) AS due_time FROM inbox WHERE due_time > ?', time)
          : row('SELECT MIN(due_time) AS due_time FROM inbox WHERE instance_id = ? AND due_time > ?', instanceId, time);
      return (found?.due_time as number | null | undefined) ?? undefined;
    },

    putWork(item: Omit<WorkItem, 'id' | 'invisibleUntil'>): WorkItem {
      const { instanceId, executionId, taskId, name, input } = item;
      const { lastInsertRowid } = run(
        'INSERT INTO work (instance_id, execution_id, task_id, name, input) VALUES (?, ?, ?, ?, ?)',
        ...[instanceId, executionId, taskId, name, input],
      );
      return { ...item, id: Number(lastInsertRowid), invisibleUntil: 0 };
    },

    work(): WorkItem[] {
      return rows('SELECT * FROM work ORDER BY id').map((row) => ({
        id: row.id as number,
        instanceId: row.instance_id as string,
        executionId: row.execution_id as string,
        taskId: row.task_id as number,
        name: row.name as string,
        input: row.input as string | null,
        invisibleUntil: row.invisible_until as number,
      }));
    },

    /**
     * This host has taken these, and nobody else sees them until then. Written at once and by itself, as a queue does it: a host that dies
     * before its next commit has taken them all the same.
     */
    take(table: 'inbox' | 'work', ids: readonly number[], until: number): void {
      if (!isOpen) return;
      for (const id of ids) run(`UPDATE ${table} SET invisible_until = ? WHERE id = ?`, until, id);
    },

    /** Whatever this host has taken is there for anybody again. */
    giveBack(): void {
      for (const table of ['inbox', 'work']) run(`UPDATE ${table} SET invisible_until = 0 WHERE invisible_until > 0`);
    },

    /** For a host that begins: messages that a dead one had taken are due when they are seen again. */
    inheritMessages(): void {
      run('UPDATE inbox SET due_time = MAX(due_time, invisible_until), invisible_until = 0 WHERE invisible_until > 0');
    },

    hasWork(id: number): boolean {
      return row('SELECT 1 FROM work WHERE id = ?', id) !== undefined;
    },

    /** Removes the item. False when it is gone already: its instance was purged or replaced. */
    deleteWork(id: number): boolean {
      return run('DELETE FROM work WHERE id = ?', id).changes > 0;
    },

    schedule(functionName: string): ScheduleStatus | undefined {
      const found = row('SELECT * FROM schedules WHERE function_name = ?', functionName);
      if (!found) return undefined;
      return { last: found.last as string, next: found.next as string, lastUpdated: found.last_updated as string };
    },

    putSchedule(functionName: string, { last, next, lastUpdated }: ScheduleStatus): void {
      run('INSERT OR REPLACE INTO schedules VALUES (?, ?, ?, ?)', functionName, last, next, lastUpdated);
    },

    /** Closes the file. What was not committed yet is lost, as at a crash. */
    close(): void {
      isOpen = false;
      statements.clear();
      database.close();
    },
  };
}

function instanceOf(row: Record<string, unknown>): Instance {
  return {
    instanceId: row.instance_id as string,
    executionId: row.execution_id as string,
    name: row.name as string,
    version: row.version as string | null,
    status: row.status as RuntimeStatus,
    input: row.input as string,
    output: row.output as string | null,
    customStatus: row.custom_status as string | null,
    parent: row.parent === null ? null : (JSON.parse(row.parent as string) as Parent),
    createdTime: row.created_time as number,
    updatedTime: row.updated_time as number,
  };
}
