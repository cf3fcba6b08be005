// The layout of struct epoll_event, for each architecture as its headers have it, and as the kernel
// that runs this test fills it.
import { arch } from "node:process";
import { afterEach, expect, it } from "vitest";
import { EPOLL_CTL_ADD, EPOLLIN } from "./constants.ts";
import { eventBytes, eventData, eventLayout, eventStride } from "./epoll-event.ts";
import { close, epollCreate1, epollCtl, epollWait, eventfd } from "./libc.ts";
import { Memory } from "./memory.ts";

const opened: number[] = [];

afterEach(() => {
  for (const descriptor of opened.splice(0)) close(descriptor);
});

function open(descriptor: number): number {
  expect(descriptor).toBeGreaterThanOrEqual(0);
  opened.push(descriptor);
  return descriptor;
}

// sizeof(struct epoll_event) and offsetof(struct epoll_event, data), printed by a C program that was
// compiled for each.
it.each([
  { architecture: "x64", size: 12, dataOffset: 4 },
  { architecture: "arm64", size: 16, dataOffset: 8 },
])("on $architecture it has $size bytes, data at $dataOffset", (expected) => {
  const { stride, data } = eventLayout(expected.architecture);
  expect(stride * 4).toBe(expected.size);
  expect(data * 4).toBe(expected.dataOffset);
});

it("is this architecture's where the reactor reads it", () => {
  expect({ stride: eventStride, data: eventData }).toEqual(eventLayout(arch));
});

it("comes from the kernel as it was registered, several in one wait", () => {
  const epoll = open(epollCreate1(0));
  const count = 3;
  const event = new Memory(eventBytes);
  for (let i = 0; i < count; i++) {
    event.int32[0] = EPOLLIN;
    event.int32[eventData] = 1000 + i;
    event.int32[eventData + 1] = -1 - i;
    // With a count of one it is ready from the start.
    expect(epollCtl(epoll, EPOLL_CTL_ADD, open(eventfd(1, 0)), event.address)).toBe(0);
  }
  const events = new Memory(eventBytes * (count + 1));
  events.int32.fill(0x55555555);
  expect(epollWait(epoll, events.address, count + 1, 0)).toBe(count);
  const cells = events.int32;
  const found = Array.from({ length: count }, (_, i) => {
    const at = i * eventStride;
    return [cells[at], cells[at + eventData], cells[at + eventData + 1]];
  });
  expect(found.toSorted((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
    [EPOLLIN, 1000, -1],
    [EPOLLIN, 1001, -2],
    [EPOLLIN, 1002, -3],
  ]);
  // Nothing was written behind the last.
  expect(cells[count * eventStride]).toBe(0x55555555);
});
