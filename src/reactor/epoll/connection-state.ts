// The states of an epoll connection, in a file of their own because every part of it reads them.

export const State = { connecting: 0, open: 1, closed: 2 } as const;
export type State = (typeof State)[keyof typeof State];
