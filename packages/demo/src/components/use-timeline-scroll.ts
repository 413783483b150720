import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from '../stores/chat.js';
import { tellError } from '../stores/toasts.js';

const nearPx = 60;
const olderPx = 300;

/** Keeps the end in sight while one is at the end, and what one reads in place while older messages come in above. */
export function useTimelineScroll(
  place: RefObject<HTMLElement | null>,
  chat: Chat,
  count: number,
  firstId?: string,
) {
  const [atEnd, setAtEnd] = useState(true);
  const stays = useRef(true); // as atEnd, without a render between
  const fromBottom = useRef(0); // where one read, before older messages came in above
  const lastTop = useRef(0);
  const first = useRef(firstId);

  const toEnd = useCallback(() => {
    const box = place.current;
    if (!box) return;
    stays.current = true;
    setAtEnd(true);
    box.scrollTop = box.scrollHeight;
  }, [place]);

  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return;
    if (stays.current) box.scrollTop = box.scrollHeight;
    else if (first.current !== firstId) box.scrollTop = box.scrollHeight - fromBottom.current;
    first.current = firstId;
  }, [place, count, firstId]);

  // images that come in late, and a window that changes its size, must not push the end out of sight
  useEffect(() => {
    const box = place.current;
    if (!box) return undefined;
    const keep = (): void => {
      if (stays.current) box.scrollTop = box.scrollHeight;
    };
    const sizes = new ResizeObserver(keep);
    sizes.observe(box);
    // reactions, answers, and cards that are drawn late
    const changes = new MutationObserver(keep);
    changes.observe(box, { childList: true, subtree: true });
    box.addEventListener('load', keep, true);
    return () => {
      sizes.disconnect();
      changes.disconnect();
      box.removeEventListener('load', keep, true);
    };
  }, [place]);

  const onScroll = useCallback(() => {
    const box = place.current;
    if (!box) return;
    const wentUp = box.scrollTop < lastTop.current;
    lastTop.current = box.scrollTop;
    if (stays.current && !wentUp) {
      box.scrollTop = box.scrollHeight; // something below has grown; no one scrolled
      return;
    }
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < nearPx;
    stays.current = near;
    setAtEnd(near);
    if (box.scrollTop > olderPx || !chat.hasOlder.peek() || chat.loadingOlder.peek()) return;
    chat.older().catch((error: unknown) => {
      tellError('Older messages could not be read', error);
    });
  }, [place, chat]);

  // right before older messages are put in: how far the present view is from the bottom
  const box = place.current;
  if (box && !stays.current) fromBottom.current = box.scrollHeight - box.scrollTop;
  return { atEnd, toEnd, onScroll };
}
